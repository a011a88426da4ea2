// How many answers are held until their event is final: a bounded number, and the others are told so at once.
#include "fixture.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace millrace;
using namespace millrace::test;
using tcp = boost::asio::ip::tcp;

TEST_CASE("1,024 answers are held at once, one more is refused as overloaded") {
    broker kafka(1);
    kafka.write({cloud_event("never")});
    script told([](const processor::delivery&) {
        return plan{.what = processor::outcome::kind::retry, .delay = 5ms};
    });
    settings::file s = kafka.settings();
    s.processor.retry = {.max_attempts = 1'000'000, .initial_backoff_ms = 100, .max_backoff_ms = 1'000};
    running_processor p(s, told.factory());
    REQUIRE(eventually([&] { return p.status()["totals"]["retried"] > 0; }));

    boost::asio::io_context loop;
    const tcp::endpoint where(boost::asio::ip::make_address("127.0.0.1"), p.port());
    const std::string wait = "GET /v1/events/events/0/0?wait=30 HTTP/1.1\r\nHost: h\r\n\r\n";
    std::vector<tcp::socket> clients;
    for (int i = 0; i < 1'024 + 6; ++i) {
        clients.emplace_back(loop).connect(where);
        boost::asio::write(clients.back(), boost::asio::buffer(wait));
    }
    const auto answered = [&] {
        return std::ranges::count_if(clients, [](auto& c) { return c.available() > 0; });
    };
    CHECK(eventually([&] { return answered() == 6; }));
    CHECK(p.get("/metrics").body.find("millrace_processor_receipts_held 1024\n") != std::string::npos);
    for (tcp::socket& c : clients) {
        if (c.available() == 0)
            continue;
        std::string status(12, '\0');
        boost::asio::read(c, boost::asio::buffer(status));
        CHECK(status == "HTTP/1.1 503");
    }
}

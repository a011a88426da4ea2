// The ordered end: what was admitted is answered, what comes later is refused, and it does end.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <vector>

using namespace millrace::test;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_CASE("a request that was admitted before the end is answered 202") {
    running_ingress ingress;
    ingress.wait_until_ready();
    REQUIRE(post(ingress.port(), "/v1/events", "application/json", "{}").status == 202);
    ingress.cluster().round_trip_delay(700ms);
    http_client waiting(ingress.port());
    waiting.send("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                 "2\r\n\r\n{}");
    REQUIRE(eventually([&] {
        return get(ingress.port(), "/metrics").body.find("in_flight_events 1") != std::string::npos;
    }));
    ingress.stop();
    const http_answer answer = waiting.receive();
    CHECK(answer.status == 202);
    CHECK(answer.headers.at("connection") == "close");
    CHECK_THROWS(http_client(ingress.port()));
}

TEST_CASE("under load, every request gets an answer or no connection, and every 202 is in Kafka") {
    running_ingress ingress;
    ingress.wait_until_ready();
    std::atomic<int> stored{0};
    std::atomic<int> wrong{0};
    std::vector<json> receipts(4);
    std::vector<std::jthread> clients;
    for (std::size_t i = 0; i < receipts.size(); ++i)
        clients.emplace_back([&, i] {
            try {
                http_client client(ingress.port());
                for (;;) {
                    const http_answer a =
                        client.request("POST", "/v1/events", "Content-Type: application/json\r\n", "{}");
                    if (a.status == 202) {
                        receipts[i] = json::parse(a.body);
                        ++stored;
                    } else if (a.status != 503 && a.status != 0) {
                        ++wrong;
                    }
                    if (a.status != 202 || a.headers.contains("connection"))
                        return;
                }
            } catch (const std::exception&) { // refused: it had ended already
            }
        });
    REQUIRE(eventually([&] { return stored > 200; }));
    ingress.stop();
    clients.clear();
    CHECK(wrong == 0);
    for (const json& last : receipts)
        if (!last.is_null())
            CHECK(ingress.read(last).value == "{}");
}

TEST_CASE("it ends even when the broker never answers") {
    running_ingress ingress([](auto& s) {
        s.http.request_timeout_ms = 3'000;
        s.ingress.drain_timeout_ms = 1'000;
    });
    ingress.wait_until_ready();
    ingress.cluster().round_trip_delay(30'000ms);
    http_client waiting(ingress.port());
    waiting.send("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                 "2\r\n\r\n{}");
    ingress.stop(); // ctest's own limit is the bound
}

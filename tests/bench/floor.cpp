// floor --port P --brokers B --topic T [--linger MS] [--sticky MS] [--two N | --rule FEW,MEMORY_MS]
// [--whole 1]: an ingress with everything left out; with --whole its records have headers and its answers are
// as long as the product's. With --two (prompt while fewer than N are in flight) or --rule (lane_chooser.hpp)
// there are two producers. At its end it prints how many events it was told are stored.
#include "arguments.hpp"
#include "floor_connection.hpp"

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <exception>

namespace {

using namespace millrace::bench;

millrace::kafka::lane_rule parse_rule(const std::string& text) {
    millrace::kafka::lane_rule rule;
    unsigned memory_ms = 0;
    if (std::sscanf(text.c_str(), "%zu,%u", &rule.few, &memory_ms) != 2)
        throw std::invalid_argument("not FEW,MEMORY_MS: " + text);
    rule.memory = millrace::milliseconds(memory_ms);
    return rule;
}

floor_options read_options(int argc, char** argv) {
    const arguments given({argv, static_cast<std::size_t>(argc)}, {{"port", "8088"},
                                                                   {"brokers", "127.0.0.1:9092"},
                                                                   {"topic", "events"},
                                                                   {"linger", "0.5"},
                                                                   {"sticky", ""},
                                                                   {"two", "0"},
                                                                   {"rule", ""},
                                                                   {"whole", "0"}});
    floor_options options;
    options.port = static_cast<std::uint16_t>(given.number("port"));
    options.producer = {given.text("brokers"), given.text("topic"), given.text("linger"),
                        given.text("sticky")};
    if (options.producer.sticky_ms.empty() && options.producer.linger_ms == "0")
        options.producer.sticky_ms = "10";
    if (const auto limit = given.number("two"); limit > 0)
        options.chooser.emplace(millrace::kafka::lane_rule{limit + 1, {}});
    if (!given.text("rule").empty())
        options.chooser.emplace(parse_rule(given.text("rule")));
    options.producer.headers = options.receipts = given.number("whole") != 0;
    return options;
}

} // namespace

int main(int argc, char** argv) {
    try {
        asio::io_context loop{1};
        floor_server server(loop, read_options(argc, argv));
        asio::signal_set signals(loop, SIGTERM, SIGINT);
        signals.async_wait([&server](const boost::system::error_code& error, int) {
            if (!error)
                server.stop();
        });
        loop.run();
        std::printf("{\"stored\": %llu}\n", static_cast<unsigned long long>(server.stored()));
        return 0;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "floor: %s\n", failure.what());
        return 1;
    }
}

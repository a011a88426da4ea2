// One line a message, whatever is in it.
#include "captured_log.hpp"
#include "millrace/runtime/log.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <thread>

using namespace millrace::runtime;

namespace {

/// What `write` writes to standard error.
std::string captured(const std::function<void()>& write) {
    const millrace::test::captured_log log;
    write();
    return log.text();
}

} // namespace

TEST_CASE("text: time, level, sentence, facts") {
    const std::string out = captured([] {
        start_log("millrace-test", level::info, false);
        log(level::debug, "unseen");
        log(level::warn, "Broker is away", {{"broker", "a:9092"}, {"reason", "no route"}, {"empty", ""}});
        log(level::info, "two\nlines \x1b[31m", {{"value", "a\"b\n\xff"}});
    });
    const auto first_end = out.find('\n');
    REQUIRE(first_end != std::string::npos);
    const std::string first = out.substr(0, first_end);
    CHECK(first.substr(23, 1) == "Z");
    CHECK(first.substr(24) == " warning Broker is away broker=a:9092 reason=\"no route\" empty=\"\"");
    CHECK(out.substr(first_end + 26) ==
          "info    \"two\\u000Alines \\u001B[31m\" value=\"a\\\"b\\u000A\xEF\xBF\xBD\"\n");
}

TEST_CASE("JSON: one object a line, any octets") {
    const std::string out = captured([] {
        start_log("millrace-test", level::trace, true);
        log(level::trace, "a \"sentence\"\n",
            {{"key", "\xc3\xa4 \xff"},
             {"n", "1"},
             {"count", 18'446'744'073'709'551'615U},
             {"delta", -2},
             {"wait_ms", 0.134},
             {"none", std::nan("")}});
    });
    REQUIRE(out.ends_with("}\n"));
    CHECK(out.find('\n') == out.size() - 1);
    const auto line = nlohmann::json::parse(out);
    CHECK(line.at("level") == "trace");
    CHECK(line.at("service") == "millrace-test");
    CHECK(line.at("message") == "a \"sentence\"\n");
    CHECK(line.at("n") == "1");
    CHECK(line.at("count") == 18'446'744'073'709'551'615U);
    CHECK(line.at("delta") == -2);
    CHECK(line.at("wait_ms") == 0.134);
    CHECK(line.at("none").is_null());
    CHECK(line.at("time").get<std::string>().ends_with("Z"));
    CHECK(line.at("key").get<std::string>().ends_with("\xEF\xBF\xBD"));
}

TEST_CASE("levels") {
    start_log("millrace-test", level::warn, false);
    CHECK_FALSE(enabled(level::info));
    CHECK(enabled(level::warn));
    CHECK((level_named("debug") == level::debug));
    CHECK_FALSE(level_named("warning"));
}

TEST_CASE("the level changes while others log") {
    const std::string out = captured([] {
        start_log("millrace-test", level::warn, false);
        log(level::info, "before");
        set_log_level(level::info);
        log(level::info, "after");
        std::jthread other([] {
            for (int i = 0; i < 1'000; ++i)
                log(level::debug, "sometimes");
        });
        for (int i = 0; i < 1'000; ++i)
            set_log_level(i % 2 == 0 ? level::debug : level::error);
    });
    CHECK(out.find("before") == std::string::npos);
    CHECK(out.find("after") != std::string::npos);
}

TEST_CASE("facts that were gathered") {
    const std::string out = captured([] {
        start_log("millrace-test", level::info, false);
        const std::array<fact, 2> facts = {fact{"status", 202U}, fact{"route", "/v1/events"}};
        log_facts(level::info, "Request answered", facts, when_full::drop);
    });
    CHECK(out.ends_with("Request answered status=202 route=/v1/events\n"));
    CHECK(log_lines_dropped() == 0);
}

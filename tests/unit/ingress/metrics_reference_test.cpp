// docs/metrics.md says what the catalogue says. Its table of the ingress is what `reference()` makes: where
// the test fails, it has written the page as it should be beside the test program.
#include "loop_metrics.hpp"
#include "metrics_catalogue.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

using namespace millrace::ingress;
using millrace::runtime::exposition;
using millrace::runtime::metric;

namespace {

constexpr std::string_view begin_mark = "<!-- ingress: begin -->\n";
constexpr std::string_view end_mark = "<!-- ingress: end -->\n";

std::string source(const std::string& path) {
    std::ifstream in(std::string(MILLRACE_SOURCE_DIR) + "/" + path, std::ios::binary);
    REQUIRE_MESSAGE(in.is_open(), path);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string name_of(const metric& m) {
    return std::string(m.name) + (m.kind == exposition::kind::counter ? "_total" : "");
}

std::string labels_of(const metric& m) {
    std::string out;
    for (const char c : m.labels)
        out += c == ',' ? "`," : c == ' ' ? " `" : std::string(1, c);
    return out.empty() ? out : "`" + out + "`";
}

std::string reference() {
    constexpr std::array kinds = {"counter", "gauge", "histogram"};
    std::string out = "\n| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n";
    const auto rows = [&](std::span<const metric> all) {
        for (const metric& m : all)
            out += "| `" + name_of(m) + "` | " + kinds[static_cast<std::size_t>(m.kind)] + " | " +
                   labels_of(m) + " | " + std::string(m.help) + " |\n";
    };
    rows(metrics::all());
    rows(millrace::runtime::process_metrics());
    return out + "\n";
}

} // namespace

TEST_CASE("docs/metrics.md has every metric of the ingress as the catalogue has it") {
    const std::string page = source("docs/metrics.md");
    const auto begin = page.find(begin_mark);
    const auto end = page.find(end_mark);
    REQUIRE(begin != std::string::npos);
    REQUIRE(end != std::string::npos);
    const std::string wanted = page.substr(0, begin + begin_mark.size()) + reference() + page.substr(end);
    if (wanted != page)
        std::ofstream("metrics.md", std::ios::binary) << wanted;
    CHECK_MESSAGE(wanted == page, "docs/metrics.md is stale; the right one is ./metrics.md");
}

TEST_CASE("names follow Prometheus' conventions, and none is there twice") {
    std::set<std::string_view> names;
    for (const metric& m : metrics::all()) {
        CAPTURE(m.name);
        CHECK(names.insert(m.name).second);
        CHECK(m.name.starts_with("millrace_"));
        CHECK_FALSE(m.name.ends_with("_total")); // the exposition appends it
        CHECK_FALSE(m.help.empty());
        CHECK((m.kind != exposition::kind::histogram || m.name.ends_with("_seconds")));
        for (const char* unit : {"_ms", "_us", "_milliseconds", "_kilobytes", "_percent"})
            CHECK_FALSE(m.name.ends_with(unit));
    }
}

TEST_CASE("every code that a problem may have is counted by its name") {
    const auto document = nlohmann::json::parse(source("services/ingress/src/openapi.json"));
    const auto codes = document.at("/components/schemas/problem_code/enum"_json_pointer);
    for (const auto& code : codes) {
        CAPTURE(code.get<std::string>());
        CHECK(std::ranges::find(counted_codes, code.get<std::string>()) != counted_codes.end());
    }
    CHECK(codes.size() + 1 == counted_codes.size()); // and "other"
}

TEST_CASE("whatever a client sends, the tables keep their size") {
    counter_table<counted_codes> table;
    table.add("made_up");
    table.add("too_large");
    CHECK(table.value(counter_table<counted_codes>::index("too_large")) == 1);
    CHECK(table.value(counted_codes.size() - 1) == 1);
    request_counts requests;
    requests.add("/v1/events", 202);
    requests.add("/v1/whatever", 299);
    CHECK(requests.value(0, 0) == 1);
    CHECK(requests.value(counted_routes.size() - 1, counted_statuses.size() - 1) == 1);
}

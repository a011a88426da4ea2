// What a scrape sees, octet by octet, and the numbers behind it.
#include "millrace/runtime/metrics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>

using namespace millrace::runtime;

namespace {

std::string rendered(exposition::format f) {
    exposition e(f);
    e.family(exposition::kind::counter, "mill_events", "Events \"taken\", by \\ and\nline.");
    e.sample(std::uint64_t{18'446'744'073'709'551'615U}, {{"topic", "a\"b\\c\nd"}, {"outcome", ""}});
    e.family(exposition::kind::gauge, "mill_ratio", "Share.");
    e.sample(0.25);
    e.sample(std::numeric_limits<double>::infinity());
    e.sample(std::nan(""));
    return std::move(e).finish();
}

} // namespace

TEST_CASE("Prometheus text") {
    CHECK(rendered(exposition::format::prometheus) ==
          "# HELP mill_events_total Events \"taken\", by \\\\ and\\nline.\n"
          "# TYPE mill_events_total counter\n"
          "mill_events_total{topic=\"a\\\"b\\\\c\\nd\",outcome=\"\"} 18446744073709551615\n"
          "# HELP mill_ratio Share.\n"
          "# TYPE mill_ratio gauge\n"
          "mill_ratio 0.25\nmill_ratio +Inf\nmill_ratio NaN\n");
    CHECK(exposition(exposition::format::prometheus).content_type() ==
          "text/plain; version=0.0.4; charset=utf-8");
}

TEST_CASE("OpenMetrics: the family of a counter has no _total, help escapes quotes, the end is marked") {
    CHECK(rendered(exposition::format::openmetrics) ==
          "# HELP mill_events Events \\\"taken\\\", by \\\\ and\\nline.\n"
          "# TYPE mill_events counter\n"
          "mill_events_total{topic=\"a\\\"b\\\\c\\nd\",outcome=\"\"} 18446744073709551615\n"
          "# HELP mill_ratio Share.\n"
          "# TYPE mill_ratio gauge\n"
          "mill_ratio 0.25\nmill_ratio +Inf\nmill_ratio NaN\n"
          "# EOF\n");
    CHECK(exposition(exposition::format::openmetrics).content_type() ==
          "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

TEST_CASE("a histogram is cumulative, in seconds, and its count is its last bucket") {
    latency_histogram h;
    for (const std::uint64_t us : {0U, 100U, 101U, 1'000'000U, 40'000'000U})
        h.record_us(us);
    exposition e(exposition::format::prometheus);
    e.family(exposition::kind::histogram, "mill_wait_seconds", "Wait.");
    e.sample(h, {{"route", "/v1/events"}});
    const std::string text = std::move(e).finish();
    CAPTURE(text);
    for (const char* line : {"_bucket{route=\"/v1/events\",le=\"0.0001\"} 2\n", "le=\"0.00025\"} 3\n",
                             "le=\"0.5\"} 3\n", "le=\"1.0\"} 4\n", "le=\"30.0\"} 4\n", "le=\"+Inf\"} 5\n",
                             "mill_wait_seconds_sum{route=\"/v1/events\"} 41.000201\n",
                             "mill_wait_seconds_count{route=\"/v1/events\"} 5\n"})
        CHECK(text.find(line) != std::string::npos);
}

TEST_CASE("quantiles") {
    auto h = std::make_unique<latency_histogram>();
    CHECK(h->quantile_ms(0.5) < 0.0);
    for (int i = 0; i < 100; ++i)
        h->record_us(1'500); // in (1 ms, 2.5 ms]
    CHECK(h->quantile_ms(0.0) == doctest::Approx(1.0));
    CHECK(h->quantile_ms(0.5) == doctest::Approx(1.75));
    CHECK(h->quantile_ms(1.0) == doctest::Approx(2.5));
    latency_histogram slow;
    for (int i = 0; i < 300; ++i)
        slow.record_us(60'000'000);
    h->merge(slow);
    CHECK(h->count() == 400);
    CHECK(h->sum_us() == 100 * 1'500 + 300ULL * 60'000'000);
    CHECK(h->quantile_ms(0.99) == doctest::Approx(30'000.0)); // over the highest bound no more is known
    CHECK(h->quantile_ms(0.25) == doctest::Approx(2.5));
}

TEST_CASE("what a scraper accepts") {
    using format = exposition::format;
    struct row {
        const char* accept;
        format wanted;
    };
    const row rows[] = {
        {"", format::prometheus},
        {"*/*", format::prometheus},
        {"text/plain", format::prometheus},
        {"application/openmetrics-text", format::openmetrics},
        {"Application/OpenMetrics-Text; version=1.0.0; charset=utf-8", format::openmetrics},
        {"application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1",
         format::openmetrics},
        {"text/plain;q=0.9, application/openmetrics-text;q=0.5", format::prometheus},
        {"application/openmetrics-text;q=0", format::prometheus},
        {"application/openmetrics-text;q=x", format::prometheus},
        {"application/openmetrics-text;q=5", format::prometheus},
        {"application/openmetrics-text;q=nan", format::prometheus},
        {",,;q=,", format::prometheus},
        // what cannot be had is not taken for what can
        {"application/openmetrics-text;version=0.0.1", format::prometheus},
        {"application/openmetrics-text; version=\"1.0.0\"", format::openmetrics},
        // Prometheus 2.49 and 3
        {"application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
         "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
         format::openmetrics},
        {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
         "application/openmetrics-text;version=0.0.1;q=0.5,text/"
         "plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
         "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
         format::openmetrics},
        // a wildcard means text too, unless text is named more exactly
        {"application/openmetrics-text;q=0.5, */*;q=0.9", format::prometheus},
        {"application/openmetrics-text;q=0.5, */*;q=0.9, text/plain;q=0.1", format::openmetrics},
        {"text/plain;q=0.1, application/openmetrics-text;q=0.5, text/*, */*", format::openmetrics},
        {"application/openmetrics-text;q=0.5, text/*;q=0.9", format::prometheus},
        {"application/*", format::prometheus},
    };
    for (const row& r : rows) {
        CAPTURE(r.accept);
        CHECK((exposition::negotiate(r.accept) == r.wanted));
    }
}

TEST_CASE("the process is measured") {
    exposition e(exposition::format::prometheus);
    write_process_metrics(e);
    const std::string text = std::move(e).finish();
    for (const char* name :
         {"process_cpu_seconds_total", "process_start_time_seconds", "process_open_fds", "process_max_fds",
          "process_resident_memory_bytes", "process_virtual_memory_bytes"}) {
        CAPTURE(name);
        const auto at = text.find(std::string("\n") + name + " ");
        REQUIRE(at != std::string::npos);
        CHECK(std::stod(text.substr(at + 2 + std::string_view(name).size())) >= 0.0);
    }
    for (const metric& m : process_metrics())
        CHECK(text.find("# TYPE " + std::string(m.name)) != std::string::npos);
    const auto rss = text.find("\nprocess_resident_memory_bytes ");
    CHECK(std::stod(text.substr(rss + 31)) > 100'000.0);
}

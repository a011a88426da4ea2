// What an ingress says of its requests: the access log, the metrics, and the trace that ties them to a
// record.
#include "../../../services/ingress/src/metrics_catalogue.hpp"
#include "fixture.hpp"
#include "millrace/runtime/log.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

using namespace millrace;
using namespace millrace::test;
using namespace std::chrono_literals;
using nlohmann::json;
using runtime::exposition;

namespace {

constexpr std::string_view trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The log as JSON in a file, instead of the test's own standard error, for as long as it lives.
class captured_log {
  public:
    explicit captured_log(runtime::level at_least) : file_(std::tmpfile()), kept_(::dup(STDERR_FILENO)) {
        REQUIRE(file_);
        redirect(::fileno(file_));
        runtime::start_log("millrace-test", at_least, true);
    }
    ~captured_log() {
        redirect(kept_);
        ::close(kept_);
        std::fclose(file_);
        runtime::start_log("millrace-test", runtime::level::info, false);
    }
    captured_log(const captured_log&) = delete;
    captured_log& operator=(const captured_log&) = delete;

    /// Those about requests, of this route.
    std::vector<json> lines(std::string_view route) {
        runtime::flush_log();
        std::rewind(file_);
        std::string all;
        std::array<char, 4096> part{};
        while (const auto n = std::fread(part.data(), 1, part.size(), file_))
            all.append(part.data(), n);
        std::fseek(file_, 0, SEEK_END);
        std::vector<json> found;
        std::istringstream in(all);
        for (std::string text; std::getline(in, text);)
            if (json line = json::parse(text);
                line["message"] == "Request answered" && line["route"] == route)
                found.push_back(std::move(line));
        return found;
    }

  private:
    static void redirect(int to) {
        runtime::flush_log();
        ::dup2(to, STDERR_FILENO);
    }

    std::FILE* file_;
    int kept_;
};

/// The one line about a POST; the answer may be read before it is written.
json line_of(captured_log& log, std::string_view route = "/v1/events") {
    REQUIRE(eventually([&] { return !log.lines(route).empty(); }));
    REQUIRE(log.lines(route).size() == 1);
    return log.lines(route).front();
}

double sample(const running_ingress& ingress, const std::string& series) {
    const std::string page = "\n" + get(ingress.port(), "/metrics").body;
    const auto at = page.find("\n" + series + " ");
    return at == std::string::npos ? 0.0 : std::stod(page.substr(at + series.size() + 2));
}

std::set<std::string> names(std::string_view list) {
    std::set<std::string> out;
    std::istringstream in{std::string(list)};
    for (std::string name; std::getline(in >> std::ws, name, ',');)
        out.insert(name);
    return out;
}

/// The labels' names of a line of the exposition, without `le`.
std::set<std::string> labels_of(std::string_view line) {
    std::set<std::string> out;
    for (auto at = line.find('{'); at != std::string_view::npos && line[at] != '}';) {
        const auto equals = line.find("=\"", at);
        out.insert(std::string(line.substr(at + 1, equals - at - 1)));
        at = line.find('"', equals + 2) + 1;
    }
    out.erase("le");
    return out;
}

/// "TYPE name labels" of all families of a page.
std::set<std::string> families(const std::string& page) {
    std::set<std::string> out;
    std::istringstream in(page);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("# TYPE "))
            out.insert(line.substr(7));
    return out;
}

} // namespace

TEST_CASE("a POST has one line, with the trace of its record") {
    captured_log log(runtime::level::info);
    running_ingress ingress;
    ingress.wait_until_ready();
    const http_answer answer = post(ingress.port(), "/v1/events", "application/x-ndjson", "1\n2\n",
                                    "traceparent: " + std::string(trace) + "\r\n");
    REQUIRE(answer.status == 202);
    CHECK_FALSE(answer.headers.contains("traceresponse")); // the client knows
    const json line = line_of(log);
    CHECK(line["level"] == "info");
    CHECK(line["method"] == "POST");
    CHECK(line["status"] == 202);
    CHECK(line["peer"] == "127.0.0.1");
    CHECK(line["events"] == 2);
    CHECK(line["trace_id"] == trace.substr(3, 32));
    CHECK(line["bytes_in"].get<int>() > 4);
    CHECK(line["bytes_out"].get<std::size_t>() > answer.body.size());
    for (const char* part : {"read_ms", "wait_ms", "write_ms"})
        CHECK(line[part].get<double>() >= 0.0);
    CHECK(line["wait_ms"].get<double>() > 0.0);
    CHECK_FALSE(line.contains("poster"));
    CHECK_FALSE(line.contains("left_out"));
    CHECK(ingress.read(json::parse(answer.body)["events"][0]).headers.at("traceparent") == trace);
}

TEST_CASE("a trace that the ingress began is in the answer, the record and the log") {
    captured_log log(runtime::level::info);
    running_ingress ingress;
    ingress.wait_until_ready();
    const http_answer answer = post(ingress.port(), "/v1/events", "application/json", "{}");
    REQUIRE(answer.status == 202);
    const std::string begun = answer.headers.at("traceresponse");
    CHECK(ingress.read(json::parse(answer.body)).headers.at("traceparent") == begun);
    CHECK(line_of(log)["trace_id"] == begun.substr(3, 32));
}

TEST_CASE(
    "probes have no line unless asked for, failures have one at level warn, a client's words have none") {
    captured_log log(runtime::level::info);
    running_ingress ingress([](auto& s) {
        s.topics["events"].create = false;
        s.kafka.brokers = "127.0.0.1:1"; // nobody is there
    });
    ingress.wait_until_not_ready("/kafka");
    REQUIRE(post(ingress.port(), "/v1/events", "application/json", "{}").status == 503);
    const json failed = line_of(log);
    CHECK(failed["level"] == "warn");
    CHECK(failed["status"] == 503);
    CHECK_FALSE(failed.contains("trace_id"));
    http_client client(ingress.port());
    CHECK(client.request("BREW" + std::string(300, 'E'), "/a%22b/" + std::string(300, 'c')).status == 404);
    const json unknown = line_of(log, "other");
    CHECK(unknown["method"] == "other");
    CHECK(unknown.dump().find("ccc") == std::string::npos);
    CHECK(log.lines("/readyz").empty());
    runtime::set_log_level(runtime::level::debug);
    CHECK(get(ingress.port(), "/readyz").status == 503);
    CHECK(line_of(log, "/readyz")["level"] == "debug");
}

TEST_CASE("lines over the rate are left out, and accounted for") {
    captured_log log(runtime::level::info);
    running_ingress ingress([](auto& s) { s.log.access_per_second = 1; });
    ingress.wait_until_ready();
    http_client client(ingress.port());
    constexpr int requests = 200;
    for (int i = 0; i < requests; ++i)
        REQUIRE(client.request("GET", "/nowhere").status == 404);
    const std::string of = "millrace_ingress_access_log_requests_total{outcome=";
    REQUIRE(eventually([&] {
        return sample(ingress, of + "\"logged\"}") + sample(ingress, of + "\"left_out\"}") == requests;
    }));
    const auto lines = log.lines("other");
    CHECK(lines.size() == static_cast<std::size_t>(sample(ingress, of + "\"logged\"}")));
    CHECK(lines.size() < requests / 2);
    CHECK(std::ranges::any_of(lines, [](const json& l) { return l.contains("left_out"); }));
}

TEST_CASE("no line where the access log is off") {
    captured_log log(runtime::level::trace);
    running_ingress ingress([](auto& s) { s.log.access_per_second = 0; });
    ingress.wait_until_ready();
    CHECK(post(ingress.port(), "/v1/events", "application/json", "{}").status == 202);
    ingress.stop();
    CHECK(log.lines("/v1/events").empty());
    CHECK(log.lines("/readyz").empty());
}

TEST_CASE("standard error is a pipe that nobody reads: requests are answered all the same") {
    std::array<int, 2> pipe{-1, -1};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    const int kept = ::dup(STDERR_FILENO);
    runtime::flush_log();
    ::dup2(pipe[1], STDERR_FILENO);
    runtime::start_log("millrace-test", runtime::level::info, true);
    const auto dropped_before = runtime::log_lines_dropped();
    {
        running_ingress ingress([](auto& s) { s.log.access_per_second = 1'000'000; });
        ingress.wait_until_ready();
        http_client client(ingress.port());
        REQUIRE(eventually([&] {
            for (int i = 0; i < 500; ++i)
                REQUIRE(client.request("GET", "/nowhere").status == 404);
            return sample(ingress, "millrace_log_lines_dropped_total") > 0;
        }));
        CHECK(post(ingress.port(), "/v1/events", "application/json", "{}").status == 202);
    }
    CHECK(runtime::log_lines_dropped() > dropped_before);
    runtime::start_log("millrace-test", runtime::level::info, false); // waits a second for the old one's rest
    ::dup2(kept, STDERR_FILENO);
    ::close(kept);
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST_CASE("/metrics is the catalogue, in both formats, with the labels that it names") {
    running_ingress ingress;
    ingress.wait_until_ready();
    REQUIRE(post(ingress.port(), "/v1/events", "application/json", "{}").status == 202);
    REQUIRE(post(ingress.port(), "/v1/events", "application/json", "{").status == 400);
    const http_answer text = get(ingress.port(), "/metrics");
    const http_answer open =
        get(ingress.port(), "/metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n");
    CHECK(text.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(open.headers.at("content-type") == "application/openmetrics-text; version=1.0.0; charset=utf-8");
    CHECK(open.body.ends_with("\n# EOF\n"));
    constexpr std::array kinds = {" counter", " gauge", " histogram"};
    std::set<std::string> wanted_text;
    std::set<std::string> wanted_open;
    for (const auto all : {ingress::metrics::all(), runtime::process_metrics()})
        for (const runtime::metric& m : all) {
            const std::string kind = kinds[static_cast<std::size_t>(m.kind)];
            const bool counter = m.kind == exposition::kind::counter;
            wanted_open.insert(std::string(m.name) + kind);
            wanted_text.insert(std::string(m.name) + (counter ? "_total" : "") + kind);
            std::istringstream in(text.body);
            for (std::string line; std::getline(in, line);)
                for (const char* suffix : {"", "_total", "_bucket", "_count"})
                    if (const std::string series = std::string(m.name) + suffix;
                        line.starts_with(series + "{") || line.starts_with(series + " ")) {
                        CAPTURE(line);
                        CHECK(labels_of(line) == names(m.labels));
                    }
        }
    CHECK(families(text.body) == wanted_text);
    CHECK(families(open.body) == wanted_open);
}

TEST_CASE("what is counted") {
    running_ingress ingress([](auto& s) {
        s.topics["orders"] = {};
        s.http.threads = 2;
    });
    ingress.wait_until_ready();
    REQUIRE(eventually([&] { // each connection may meet another loop
        return post(ingress.port(), "/v1/topics/orders/events", "application/json", "{}",
                    "Idempotency-Key: once\r\n")
                   .status == 202;
    }));
    CHECK(post(ingress.port(), "/v1/topics/orders/events", "application/json", "{}",
               "Idempotency-Key: once\r\n")
              .status == 202);
    CHECK(post(ingress.port(), "/v1/topics/orders/events", "application/json", "{").status == 400);
    CHECK(post(ingress.port(), "/v1/topics/unknown/events", "application/json", "{}").status == 404);
    const std::string events = "millrace_ingress_events_total{topic=\"orders\",outcome=";
    CHECK(sample(ingress, events + "\"stored\"}") == 1);
    CHECK(sample(ingress, events + "\"replayed\"}") == 1);
    CHECK(sample(ingress, "millrace_ingress_problems_total{code=\"malformed_event\"}") +
              sample(ingress, "millrace_ingress_problems_total{code=\"malformed_request\"}") ==
          1);
    CHECK(sample(ingress, "millrace_ingress_problems_total{code=\"not_found\"}") == 1);
    const std::string topic_requests = "millrace_ingress_requests_total{route=\"/v1/topics/{topic}/events\",";
    CHECK(sample(ingress, topic_requests + "status=\"202\"}") == 2);
    CHECK(sample(ingress, topic_requests + "status=\"404\"}") == 1);
    for (const char* phase : {"read", "wait", "write"})
        CHECK(sample(ingress, "millrace_ingress_request_phase_duration_seconds_count{phase=\"" +
                                  std::string(phase) + "\"}") == 2);
    CHECK(sample(ingress, "millrace_ingress_request_duration_seconds_count") == 2);
    CHECK(sample(ingress, "millrace_ingress_broker_ack_duration_seconds_count") == 1);
    CHECK(sample(ingress, "millrace_ingress_idempotency_entries") >= 1);
    CHECK(sample(ingress, "millrace_ingress_in_flight_events") == 0);
    CHECK(sample(ingress, "millrace_ingress_in_flight_events_limit") == 100'000);
    CHECK(sample(ingress, "millrace_ingress_topic_partitions{topic=\"orders\"}") == 6);
    CHECK(sample(ingress, "millrace_http_connections_limit") == 10'000);
    CHECK(eventually([&] { return sample(ingress, "millrace_kafka_brokers_up") >= 1; })); // once a second
    CHECK(sample(ingress, "millrace_ready") == 1);
    CHECK(sample(ingress, "millrace_config_last_reload_successful") == 1);
    CHECK(sample(ingress, "millrace_ingress_received_bytes_total") > 500);
    CHECK(sample(ingress, "millrace_ingress_sent_bytes_total") > 500);
}

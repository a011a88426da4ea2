// The handler `http`: a whole processor, and a target that does as it is told.
#include "fixture.hpp"
#include "scripted_target.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <set>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;

namespace {

/// Answers each delivery with the status that `decide` gives, and notes it. A status of 0 ends the
/// connection.
class receiver {
  public:
    using decision = std::function<int(const received_request&)>;

    explicit receiver(decision decide)
        : decide_(std::move(decide)), target_([this](peer& p, std::size_t) {
              while (const auto got = p.next()) {
                  {
                      const std::scoped_lock lock(mutex_);
                      most_ = std::max(most_, ++now_);
                      all_.push_back(*got);
                  }
                  const int status = decide_(*got);
                  {
                      const std::scoped_lock lock(mutex_);
                      --now_;
                  }
                  if (status == 0)
                      return;
                  p.answer(status, status == 429 ? "Retry-After: 0\r\n" : "",
                           status >= 400 ? "no thanks" : "");
              }
          }) {}

    std::vector<received_request> all() const {
        const std::scoped_lock lock(mutex_);
        return all_;
    }
    std::size_t count(const std::string& id) const {
        const auto got = all();
        return static_cast<std::size_t>(
            std::ranges::count(got, id, [](const auto& r) { return r.header("ce-id"); }));
    }
    std::size_t most_at_once() const {
        const std::scoped_lock lock(mutex_);
        return most_;
    }
    const scripted_target& target() const { return target_; }

  private:
    decision decide_;
    mutable std::mutex mutex_;
    std::vector<received_request> all_;
    std::size_t now_ = 0;
    std::size_t most_ = 0;
    scripted_target target_;
};

settings::file delivering(const broker& kafka, const std::string& url) {
    settings::file s = kafka.settings();
    s.processor.handler = "http";
    s.handlers.http.url = url;
    s.handlers.http.signing_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    s.handlers.http.circuit_failures = 0;
    return s;
}

std::string class_of(const json& receipt) {
    return receipt["error"].is_null() ? "" : receipt["error"]["class"].get<std::string>();
}

} // namespace

TEST_CASE("an event is delivered as a signed CloudEvent") {
    broker kafka(1);
    written w = cloud_event("a.b", "customer 7");
    w.value = R"({"x": 1.0 })";
    w.headers.insert(w.headers.end(),
                     {{"ce_subject", "caf\xc3\xa9"},
                      {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
                      {"tracestate", "a=1"},
                      {"own", "of the record alone"}});
    kafka.write({w, {std::nullopt, "plain", {}, 0}, {std::nullopt, std::nullopt, {}, 0}});
    receiver r([](const auto&) { return 202; });
    settings::file s = delivering(kafka, r.target().url("/hook"));
    s.handlers.http.headers["Authorization"] = "Bearer x";
    s.handlers.http.max_connections = 1; // so that they come in order
    running_processor p(s);
    p.wait_until_final(3);

    const auto all = r.all();
    REQUIRE(all.size() == 3);
    CHECK(all[0].head.starts_with("POST /hook HTTP/1.1\r\n"));
    CHECK(all[0].body == R"({"x": 1.0 })");
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"content-type", "application/json"},
             {"ce-specversion", "1.0"},
             {"ce-id", "a.b"},
             {"ce-source", "/test"},
             {"ce-type", "test.event"},
             {"ce-subject", "caf%C3%A9"},
             {"ce-partitionkey", "customer%207"},
             {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
             {"tracestate", "a=1"},
             {"own", ""},
             {"authorization", "Bearer x"}}) {
        CAPTURE(name);
        CHECK(all[0].header(name) == value);
    }
    CHECK(all[0].header("webhook-id").starts_with("evt_"));
    CHECK(all[0].header("webhook-signature").starts_with("v1,"));
    CHECK(all[1].header("ce-id") == "events/0/1");
    CHECK(all[1].body == "plain");
    CHECK(all[2].body.empty());
    CHECK(r.target().connections() == 1);

    const json h = p.status()["handler"];
    CHECK(h["name"] == "http");
    CHECK(h["target"] == r.target().url(""));
    CHECK(h["circuit"]["state"] == "closed");
    CHECK(h["deliveries"]["answers"] == json({{"202", 3}}));
    CHECK(h["deliveries"]["limit"] == 1);
    CHECK(h["deliveries"]["duration_ms"]["p50"].is_number());
    CHECK(h["connections"]["opened"] == 1);
    const std::string metrics = p.get("/metrics").body;
    CHECK(metrics.find("millrace_handler_http_answers_total{status=\"202\"} 3\n") != std::string::npos);
    CHECK(metrics.find("millrace_handler_http_circuit_open 0\n") != std::string::npos);
}

TEST_CASE("what is tried again, what is not") {
    broker kafka(1);
    std::vector<written> records;
    for (const char* id : {"200", "204", "301", "400", "404", "408", "410", "425", "429", "500", "503", "0"})
        records.push_back(cloud_event(id, std::nullopt));
    kafka.write(records);
    receiver r([](const received_request& got) { return std::stoi(got.header("ce-id")); });
    running_processor p(delivering(kafka, r.target().url()));
    p.wait_until_final(records.size());
    struct row {
        const char* id;
        std::size_t attempts;
        const char* error_class;
    };
    int offset = 0;
    for (const row& each :
         {row{"200", 1, ""}, row{"204", 1, ""}, row{"301", 1, "http_301"}, row{"400", 1, "http_400"},
          row{"404", 1, "http_404"}, row{"408", 3, "http_408"}, row{"410", 1, "http_410"},
          row{"425", 3, "http_425"}, row{"429", 3, "http_429"}, row{"500", 3, "http_500"},
          row{"503", 3, "http_503"}, row{"0", 3, "connection"}}) {
        CAPTURE(each.id);
        const json receipt = p.receipt(0, offset++);
        if (*each.id == '0') // on a kept connection it may have been sent twice
            CHECK(r.count(each.id) >= each.attempts);
        else
            CHECK(r.count(each.id) == each.attempts);
        CHECK(receipt["state"] == (*each.error_class == 0 ? "processed" : "dead_lettered"));
        CHECK(receipt["attempts"] == each.attempts);
        CHECK(class_of(receipt) == each.error_class);
    }
    const json bad = p.receipt(0, 3);
    CHECK(bad["error"]["message"] == "The target answered 400. no thanks");
    // Each attempt has the id of the first.
    std::set<std::string> ids;
    for (const received_request& got : r.all())
        if (got.header("ce-id") == "503")
            ids.insert(got.header("webhook-id"));
    CHECK(ids == std::set<std::string>{"503"});
}

TEST_CASE("never more deliveries at once than connections") {
    broker kafka;
    std::vector<written> records;
    for (int i = 0; i < 300; ++i)
        records.push_back(cloud_event(std::to_string(i), std::nullopt, i % 3));
    kafka.write(records);
    receiver r([](const auto&) { return 200; });
    settings::file s = delivering(kafka, r.target().url());
    s.processor.concurrency = 50;
    s.handlers.http.max_connections = 4;
    running_processor p(s);
    p.wait_until_final(300);
    CHECK(r.most_at_once() <= 4);
    CHECK(r.target().connections() <= 4);
    CHECK(r.all().size() == 300);
}

TEST_CASE("Retry-After is waited for, up to the cap") {
    broker kafka(1);
    kafka.write({cloud_event("busy")});
    std::atomic<int> answered{0};
    scripted_target target([&](peer& p, std::size_t) {
        while (p.next())
            p.answer(++answered == 1 ? 503 : 200, "Retry-After: 3600\r\n");
    });
    settings::file s = delivering(kafka, target.url());
    s.handlers.http.retry_after_max_ms = 100;
    running_processor p(s);
    p.wait_until_final(1);
    CHECK(p.receipt(0, 0)["state"] == "processed");
    CHECK(answered == 2);
}

TEST_CASE("while the target is down, no event uses up its attempts; when it is back, all are delivered") {
    broker kafka;
    std::vector<written> records;
    for (int i = 0; i < 200; ++i)
        records.push_back(cloud_event(std::to_string(i), std::nullopt, i % 3));
    kafka.write(records);
    std::atomic<bool> down{true};
    receiver r([&](const auto&) { return down ? 503 : 200; });
    settings::file s = delivering(kafka, r.target().url());
    s.processor.retry.max_attempts = 3;
    s.handlers.http.circuit_failures = 5;
    s.handlers.http.circuit_open_ms = 20;
    s.handlers.http.circuit_max_open_ms = 40;
    running_processor p(s);
    const auto circuit = [&] { return p.status()["handler"]["circuit"]; };
    // At three attempts an event, so many failed probes would be 10 dead letters.
    REQUIRE(eventually([&] { return r.all().size() >= 50; }));
    CHECK(circuit()["times_opened"] == 1);
    CHECK(circuit()["state"] != "closed");
    CHECK(circuit()["postponed"] > 100);
    CHECK(p.get("/metrics").body.find("millrace_handler_http_circuit_open 1\n") != std::string::npos);
    CHECK(p.status()["totals"]["dead_lettered"] == 0);
    down = false;
    p.wait_until_final(200);
    const json end = p.status();
    CHECK(end["totals"]["dead_lettered"] == 0);
    CHECK(end["totals"]["processed"] == 200);
    CHECK(end["handler"]["circuit"]["state"] == "closed");
    for (int i = 0; i < 3; ++i)
        CHECK(eventually([&] { return kafka.committed(i).value_or(0) > 60; }));
}

TEST_CASE("a probe that finds nobody to connect to is no attempt") {
    broker kafka(1);
    kafka.write({cloud_event("1"), cloud_event("2")});
    settings::file s = delivering(kafka, "http://127.0.0.1:" + std::to_string(closed_port()));
    s.processor.retry.max_attempts = 2;
    s.handlers.http.circuit_failures = 1;
    s.handlers.http.circuit_open_ms = 10;
    s.handlers.http.circuit_max_open_ms = 10;
    running_processor p(s);
    REQUIRE(eventually(
        [&] { return p.status()["handler"]["deliveries"]["no_answer"].value("connect", 0) >= 20; }));
    CHECK(p.status()["totals"]["dead_lettered"] == 0);
}

TEST_CASE("an event that alone breaks the target comes to an end, although the circuit opens for it") {
    broker kafka(1);
    kafka.write({cloud_event("poison"), cloud_event("good")});
    receiver r([](const received_request& got) { return got.header("ce-id") == "poison" ? 500 : 200; });
    settings::file s = delivering(kafka, r.target().url());
    s.handlers.http.circuit_failures = 1;
    s.handlers.http.circuit_open_ms = 10;
    running_processor p(s);
    p.wait_until_final(2);
    CHECK(p.receipt(0, 0)["state"] == "dead_lettered");
    CHECK(p.receipt(0, 0)["attempts"] == 3);
    CHECK(p.receipt(0, 1)["state"] == "processed");
    CHECK(r.count("poison") == 3);
}

TEST_CASE("a target that is silent or away: retried, then dead-lettered by its class") {
    broker kafka(1);
    kafka.write({cloud_event("1")});
    {
        scripted_target silent([](peer& p, std::size_t) {
            p.next();
            p.wait_closed();
        });
        settings::file s = delivering(kafka, silent.url());
        s.handlers.http.timeout_ms = 50;
        running_processor p(s);
        p.wait_until_final(1);
        CHECK(class_of(p.receipt(0, 0)) == "timeout");
        CHECK(p.status()["handler"]["deliveries"]["no_answer"] == json({{"timeout", 3}}));
    }
    settings::file s = delivering(kafka, "http://127.0.0.1:" + std::to_string(closed_port()));
    s.processor.group = "another";
    running_processor p(s);
    p.wait_until_final(1);
    CHECK(class_of(p.receipt(0, 0)) == "connect");
}

TEST_CASE("ended with deliveries under way: they are cut off, uncommitted, and made again") {
    broker kafka(1);
    kafka.write({cloud_event("1"), cloud_event("2"), cloud_event("3")});
    std::atomic<bool> answers{false};
    scripted_target target([&](peer& p, std::size_t) {
        while (p.next()) {
            if (!answers) {
                p.wait_closed();
                return;
            }
            p.answer(200);
        }
    });
    settings::file s = delivering(kafka, target.url());
    s.processor.drain_timeout_ms = 50;
    {
        running_processor p(s);
        REQUIRE(eventually([&] { return p.status()["handler"]["deliveries"]["under_way"] == 3; }));
    }
    answers = true;
    running_processor again(s);
    again.wait_until_final(3);
    CHECK(again.status()["totals"]["processed"] == 3);
}

TEST_CASE("ended with a circuit that is open: at once, whatever the drain timeout") {
    broker kafka(1);
    std::vector<written> records;
    for (int i = 0; i < 50; ++i)
        records.push_back(cloud_event(std::to_string(i)));
    kafka.write(records);
    settings::file s = delivering(kafka, "http://127.0.0.1:" + std::to_string(closed_port()));
    s.processor.retry.max_attempts = 100;
    s.processor.drain_timeout_ms = 3'600'000;
    s.handlers.http.circuit_failures = 3;
    s.handlers.http.circuit_open_ms = 3'600'000;
    s.handlers.http.circuit_max_open_ms = 3'600'000;
    running_processor p(s);
    REQUIRE(eventually([&] { return p.status()["handler"]["circuit"]["state"] == "open"; }));
    p.stop();
    CHECK(kafka.committed(0).value_or(0) == 0);
}

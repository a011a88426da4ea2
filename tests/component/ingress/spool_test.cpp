// Events while the broker is away: on the disk, then in Kafka, each key in order, and followed by their id.
#include "spool_fixture.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace millrace;
using namespace millrace::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct spooling_ingress {
    explicit spooling_ingress(const std::function<void(settings::file&)>& change = {})
        : ingress([&](settings::file& s) {
              s.spool.path = folder.path("spool.db");
              if (change)
                  change(s);
          }) {
        ingress.wait_until_ready();
        REQUIRE(eventually([&] { // until the broker is met, that may mean the spool
            const http_answer a = post_event(port(), "first-" + std::to_string(++probes));
            return a.status == 202 && !json::parse(a.body).contains("state");
        }));
        REQUIRE(drained(port()));
    }

    void broker_away() {
        ingress.cluster().broker_down();
        REQUIRE(eventually([&] {
            const http_answer a = post_event(port(), "probe-" + std::to_string(++probes));
            return a.status == 202 && json::parse(a.body).value("state", "") == "spooled";
        }));
    }

    std::uint16_t port() const { return ingress.port(); }

    scratch_folder folder;
    running_ingress ingress;
    int probes = 0;
};

json receipt_of(std::uint16_t port, const std::string& target) {
    const http_answer a = get(port, target);
    REQUIRE_MESSAGE(a.status == 200, a.body);
    return json::parse(a.body);
}

} // namespace

TEST_CASE("an outage: 202 from the spool, ready all the time, stored when the broker is back, and followed") {
    spooling_ingress s;
    s.broker_away();
    const http_answer taken = post_event(s.port(), "one", "k", R"({"n": 1})");
    REQUIRE(taken.status == 202);
    const json receipt = json::parse(taken.body);
    CHECK(receipt["id"] == "one");
    CHECK(receipt["state"] == "spooled");
    CHECK(receipt["partition"].is_null());
    CHECK(receipt["offset"].is_null());
    CHECK(taken.headers.at("location") == receipt["status_url"].get<std::string>());
    CHECK(get(s.port(), "/readyz").status == 200);
    CHECK(receipt_of(s.port(), receipt["status_url"])["state"] == "spooled");
    CHECK(metric(s.port(), "millrace_ingress_spool_events") >= 1);

    s.ingress.cluster().broker_up();
    REQUIRE(drained(s.port()));
    REQUIRE(eventually([&] { return receipt_of(s.port(), receipt["status_url"])["state"] == "stored"; }));
    const json stored = receipt_of(s.port(), receipt["status_url"]);
    CHECK(stored["source"] == "/millrace");
    CHECK(stored["status_url"].get<std::string>().starts_with("http://127.0.0.1:8090/v1/events/events/"));
    const read_record record = s.ingress.read(stored);
    CHECK(record.value == R"({"n": 1})");
    CHECK(record.key == "k");
    CHECK(record.headers.at("ce_id") == "one");
    CHECK(record.headers.contains("traceparent"));
    CHECK(metric(s.port(), "millrace_ingress_spool_bytes") == 0);
    CHECK(get(s.port(), "/v1/events?id=nobody").status == 404);
    CHECK(get(s.port(), "/v1/events").status == 400);
    CHECK(get(s.port(), "/v1/events?id=one&source=%2Fother").status == 404);
}

TEST_CASE(
    "events of a key are stored in the order in which they were answered, the spool's before newer ones") {
    spooling_ingress s;
    s.broker_away();
    std::map<std::string, std::vector<std::string>> answered;
    int number = 0;
    const auto post_some = [&](int count) {
        for (int i = 0; i < count; ++i) {
            const std::string key = "k" + std::to_string(number % 3);
            const std::string id = std::to_string(number++);
            REQUIRE(post_event(s.port(), id, key).status == 202);
            answered[key].push_back(id);
        }
    };
    post_some(300);
    s.ingress.cluster().broker_up();
    while (metric(s.port(), "millrace_ingress_spool_events") > 0)
        post_some(3); // while it drains
    post_some(30);
    REQUIRE(drained(s.port()));
    std::map<std::string, std::vector<std::string>> stored;
    for (const stored_event& e : all_events(s.ingress.cluster(), "events"))
        if (!e.key.empty())
            stored[e.key].push_back(e.id);
    CHECK(stored == answered);
}

TEST_CASE("a key that is never quiet leaves the spool all the same, once the broker is back") {
    spooling_ingress s;
    s.broker_away();
    std::vector<std::string> answered;
    const auto post_next = [&] {
        const std::string id = std::to_string(answered.size());
        const http_answer a = post_event(s.port(), id, "k");
        REQUIRE(a.status == 202);
        answered.push_back(id);
        return json::parse(a.body).contains("state");
    };
    for (int i = 0; i < 100; ++i)
        REQUIRE(post_next());
    s.ingress.cluster().round_trip_delay(100ms); // more than lies between two posts
    s.ingress.cluster().broker_up();
    const steady_time deadline = steady_clock::now() + 20s;
    while (post_next())
        REQUIRE(steady_clock::now() < deadline);
    CHECK_FALSE(post_next());
    s.ingress.cluster().round_trip_delay(0ms);
    REQUIRE(drained(s.port()));
    std::vector<std::string> stored;
    for (const stored_event& e : all_events(s.ingress.cluster(), "events"))
        if (e.key == "k")
            stored.push_back(e.id);
    CHECK(stored == answered);
}

TEST_CASE("while the spool is being published, events of other keys go past it") {
    spooling_ingress s;
    s.broker_away();
    REQUIRE(post_event(s.port(), "held", "k").status == 202);
    s.ingress.cluster().broker_up();
    REQUIRE(eventually([&] {
        const std::string n = std::to_string(++s.probes);
        const http_answer a = post_event(s.port(), "free-" + n, "other-" + n);
        return a.status == 202 && !json::parse(a.body).contains("state");
    }));
    REQUIRE(drained(s.port()));
}

TEST_CASE(
    "a retry of what is in the spool gets the same answer and is not spooled twice; another body is 422") {
    spooling_ingress s;
    s.broker_away();
    const http_answer first = post_event(s.port(), "again", "k", "1");
    const http_answer second = post_event(s.port(), "again", "k", "1");
    CHECK(second.status == 202);
    CHECK(second.body == first.body);
    CHECK(second.headers.at("idempotency-replayed") == "true");
    CHECK(post_event(s.port(), "again", "k", "2").status == 422);
    s.ingress.cluster().broker_up();
    REQUIRE(drained(s.port()));
    int times = 0;
    for (const stored_event& e : all_events(s.ingress.cluster(), "events"))
        times += e.id == "again" ? 1 : 0;
    CHECK(times == 1);
}

TEST_CASE(
    "a batch goes the same way as a whole; an event with its own id and no key meets its usual partition") {
    spooling_ingress s;
    const json direct = json::parse(post_event(s.port(), "usual").body);
    s.broker_away();
    const http_answer batch =
        post(s.port(), "/v1/events?key=b", "application/x-ndjson", "1\n2\n3\n", "Idempotency-Key: batch\r\n");
    REQUIRE(batch.status == 202);
    const json receipts = json::parse(batch.body);
    CHECK(receipts["accepted"] == 3);
    for (const json& r : receipts["events"])
        CHECK(r["state"] == "spooled");
    // The same source and id under another key of the window: what another instance would have taken.
    const http_answer cloud =
        post(s.port(), "/v1/events", "application/json", "{}",
             "ce-specversion: 1.0\r\nce-id: usual\r\nce-source: /millrace\r\nce-type: t\r\n");
    REQUIRE(cloud.status == 202);
    s.ingress.cluster().broker_up();
    REQUIRE(drained(s.port()));
    std::vector<std::string> values;
    int usual = 0;
    for (const stored_event& e : all_events(s.ingress.cluster(), "events")) {
        if (e.key == "b")
            values.push_back(e.value);
        if (e.id == "usual") {
            ++usual;
            CHECK(e.partition == direct["partition"].get<int>());
        }
    }
    CHECK(values == std::vector<std::string>{"1", "2", "3"});
    CHECK(usual == 2);
}

TEST_CASE(
    "what waits in librdkafka when the broker goes comes back and is spooled, never called not stored") {
    spooling_ingress s([](settings::file& f) { f.http.request_timeout_ms = 30'000; });
    REQUIRE(post_event(s.port(), "before").status == 202);
    s.ingress.cluster().round_trip_delay(2'000ms);
    std::vector<std::unique_ptr<http_client>> clients;
    for (int i = 0; i < 40; ++i) {
        clients.push_back(std::make_unique<http_client>(s.port()));
        clients.back()->send("POST /v1/events?key=k HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                             "Idempotency-Key: f-" +
                             std::to_string(i) + "\r\nContent-Length: 1\r\n\r\n1");
    }
    REQUIRE(eventually([&] { return metric(s.port(), "millrace_ingress_in_flight_events") == 40; }));
    s.ingress.cluster().broker_down();
    std::set<std::string> answered;
    int unknown = 0;
    for (int i = 0; i < 40; ++i) {
        const http_answer a = clients[static_cast<std::size_t>(i)]->receive();
        CHECK((a.status == 202 || a.status == 504));
        unknown += a.status == 504 ? 1 : 0;
        if (a.status == 202)
            answered.insert("f-" + std::to_string(i));
    }
    MESSAGE("spooled: ", answered.size(), ", unknown: ", unknown);
    s.ingress.cluster().round_trip_delay(0ms);
    s.ingress.cluster().broker_up();
    REQUIRE(drained(s.port()));
    for (const stored_event& e : all_events(s.ingress.cluster(), "events"))
        answered.erase(e.id);
    CHECK(answered.empty());
}

TEST_CASE("a full spool refuses with 503 and says so in /readyz; without the broker nothing else is lost") {
    spooling_ingress s([](settings::file& f) { f.spool.max_bytes = 1'048'576; });
    s.broker_away();
    const std::string large = '"' + std::string(300'000, 'x') + '"';
    int taken = 0;
    http_answer refused;
    while ((refused = post_event(s.port(), "large-" + std::to_string(taken), {}, large)).status == 202)
        REQUIRE(++taken < 10);
    CHECK(refused.status == 503);
    CHECK(refused.headers.contains("retry-after"));
    CHECK(json::parse(refused.body)["code"] == "broker_unavailable");
    CHECK(refused.body.find("spool.max_bytes") != std::string::npos);
    REQUIRE(taken == 3);
    CHECK(post_event(s.port(), "small").status == 202); // there is room for this one
    s.ingress.cluster().broker_up();
    REQUIRE(drained(s.port()));
    CHECK(eventually([&] { return post_event(s.port(), "after", {}, large).status == 202; }));
}

TEST_CASE(
    "once the oldest is older than max_age nothing new is taken, and nothing that is there is dropped") {
    spooling_ingress s([](settings::file& f) { f.spool.max_age_seconds = 1; });
    s.broker_away();
    const std::string old = "probe-" + std::to_string(s.probes);
    s.ingress.wait_until_not_ready("/spool");
    const http_answer refused = post_event(s.port(), "new");
    CHECK(refused.status == 503);
    CHECK(refused.body.find("spool.max_age_seconds") != std::string::npos);
    s.ingress.cluster().broker_up();
    REQUIRE(drained(s.port()));
    s.ingress.wait_until_ready();
    CHECK(eventually([&] {
        return json::parse(get(s.port(), "/v1/events?id=" + old).body).value("state", "") == "stored";
    }));
}

TEST_CASE("a topic that Kafka does not have is refused as ever, broker or not") {
    spooling_ingress s([](settings::file& f) {
        f.topics["absent"] = {};
        f.topics["absent"].create = false;
    });
    CHECK(post(s.port(), "/v1/topics/nowhere/events", "application/json", "1").status == 404);
}

TEST_CASE("who may not post may not ask either") {
    const scratch_folder folder;
    running_ingress ingress([&](settings::file& f) {
        f.spool.path = folder.path("spool.db");
        // of the key "secret"
        f.auth.keys["one"].sha256 = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
    });
    ingress.cluster().broker_down();
    const std::string key = "X-API-Key: secret\r\n";
    REQUIRE(eventually([&] {
        return post(ingress.port(), "/v1/events", "application/json", "1", key + "Idempotency-Key: mine\r\n")
                   .body.find("spooled") != std::string::npos;
    }));
    CHECK(get(ingress.port(), "/v1/events?id=mine").status == 401);
    CHECK(get(ingress.port(), "/v1/events?id=mine", key).status == 200);
    CHECK(get(ingress.port(), "/v1/events?id=theirs").status == 401);
}

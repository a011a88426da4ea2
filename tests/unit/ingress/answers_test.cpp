#include "answers.hpp"

#include "millrace/kafka/error.hpp"
#include "spool_delivery.hpp"
#include "spool_error.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <vector>

using namespace millrace;
using namespace millrace::ingress;
using nlohmann::json;

namespace {

kafka::delivery stored_at(int partition, std::int64_t offset) {
    return {.error = {},
            .partition = partition_id{partition},
            .offset = record_offset{offset},
            .timestamp = {1'764'000'000'123}};
}

kafka::delivery failed(kafka::errc why) {
    return {.error = make_error_code(why)};
}

} // namespace

TEST_CASE("a receipt names the coordinates, and where to follow it") {
    const kafka::delivery d = stored_at(3, 42);
    std::string text;
    receipt_writer("http://localhost:8090/").single(text, "events", {"a/b \"c\"", "/src", &d});
    const json receipt = json::parse(text);
    CHECK(receipt["id"] == "a/b \"c\"");
    CHECK(receipt["source"] == "/src");
    CHECK(receipt["topic"] == "events");
    CHECK(receipt["partition"] == 3);
    CHECK(receipt["offset"] == 42);
    CHECK(receipt["timestamp"] == "2025-11-24T16:00:00.123Z");
    CHECK(receipt["status_url"] == "http://localhost:8090/v1/events/events/3/42?id=a%2Fb%20%22c%22");
}

TEST_CASE("without a processor URL the status_url is null and there is no Location") {
    const kafka::delivery d = stored_at(0, 0);
    const receipt_writer receipts("");
    std::string text;
    receipts.single(text, "events", {"1", "/src", &d});
    CHECK(json::parse(text)["status_url"].is_null());
    std::string location;
    receipts.append_status_url(location, "events", {"1", "/src", &d});
    CHECK(location.empty());
}

TEST_CASE("a batch answer has the receipts in order, and an empty batch none") {
    const kafka::delivery first = stored_at(0, 1);
    const kafka::delivery second = stored_at(1, 7);
    const std::vector<outcome> outcomes = {{"1", "/s", &first}, {"2", "/s", &second}};
    std::string text;
    receipt_writer("").batch(text, "events", outcomes);
    const json answer = json::parse(text);
    CHECK(answer["accepted"] == 2);
    CHECK(answer["events"][0]["id"] == "1");
    CHECK(answer["events"][1]["offset"] == 7);

    text.clear();
    receipt_writer("").batch(text, "events", {});
    CHECK(json::parse(text) == json::parse(R"({"accepted": 0, "events": []})"));
}

TEST_CASE("the status of a request that failed is decided by the worst of its events") {
    const kafka::delivery stored = stored_at(0, 1);
    const kafka::delivery not_stored = failed(kafka::errc::not_stored);
    const kafka::delivery full = failed(kafka::errc::queue_full);
    const kafka::delivery unknown = failed(kafka::errc::outcome_unknown);
    const kafka::delivery large = failed(kafka::errc::too_large);
    const kafka::delivery denied = failed(kafka::errc::not_allowed);
    struct row {
        std::vector<const kafka::delivery*> deliveries;
        unsigned status;
        std::string_view code;
        bool retryable;
    };
    const std::vector<row> table = {
        {{&not_stored}, 503, "broker_unavailable", true},
        {{&full}, 503, "overloaded", true},
        {{&unknown}, 504, "outcome_unknown", true},
        {{&large}, 413, "too_large", false},
        {{&denied}, 503, "broker_unavailable", true}, // an operator's mistake, not the client's
        {{&stored, &not_stored}, 503, "broker_unavailable", true},
        {{&not_stored, &unknown, &stored}, 504, "outcome_unknown", true},
        {{&unknown, &large}, 504, "outcome_unknown", true},
        {{&large, &large}, 413, "too_large", false},
        {{&stored, &large}, 503, "partly_stored", false}, // a 4xx would say that nothing was stored
    };
    for (const row& r : table) {
        std::vector<outcome> outcomes;
        for (const kafka::delivery* d : r.deliveries)
            outcomes.push_back({"1", "/s", d});
        const http::problem p = not_all_stored(outcomes);
        CAPTURE(p.detail);
        CHECK(p.status == r.status);
        CHECK(p.code == r.code);
        CHECK(p.retryable == r.retryable);
        if (p.status == 503 && p.retryable)
            CHECK(p.retry_after_s >= 1);
    }
}

TEST_CASE("a batch that failed in part says of each event what became of it") {
    const kafka::delivery stored = stored_at(0, 1);
    const kafka::delivery not_stored = failed(kafka::errc::not_stored);
    const kafka::delivery unknown = failed(kafka::errc::outcome_unknown);
    const std::vector<outcome> outcomes = {
        {"1", "/s", &stored}, {"2", "/s", &not_stored}, {"3", "/s", &unknown}};
    const json states = json::parse(receipt_writer("").states("events", outcomes));
    CHECK(states[0]["state"] == "stored");
    CHECK(states[0]["offset"] == 1);
    CHECK(states[1]["state"] == "not_stored");
    CHECK_FALSE(states[1].contains("offset"));
    CHECK(states[2]["state"] == "unknown");
    CHECK(states[2]["id"] == "3");
}

TEST_CASE("each fault of an event has its status, and a 415 says what would be taken") {
    using event::fault_code;
    CHECK(refused({fault_code::malformed_request, "x", {}}).status == 400);
    CHECK(refused({fault_code::malformed_event, "x", {}}).code == "malformed_event");
    CHECK(refused({fault_code::too_large, "x", {}}).status == 413);
    const http::problem unsupported = refused({fault_code::unsupported_media_type, "x", {}});
    CHECK(unsupported.status == 415);
    REQUIRE(unsupported.headers.size() == 1);
    CHECK(unsupported.headers[0].first == "Accept-Post");
    const http::problem located =
        refused({fault_code::malformed_event, "x", {{std::size_t{2}, "/id", "empty"}}});
    REQUIRE(located.errors.size() == 1);
    CHECK(located.errors[0].index == 2);
    CHECK(located.errors[0].pointer == "/id");
}

TEST_CASE("an event in the spool has a state, no coordinates, and an address here") {
    const kafka::delivery d = spooled_delivery({1'764'000'000'123});
    for (const std::string base : {"", "https://in.example/"}) {
        const receipt_writer receipts("http://localhost:8090", base);
        std::string text;
        receipts.single(text, "events", {"a b", "/src", &d});
        const json receipt = json::parse(text);
        CHECK(receipt["state"] == "spooled");
        CHECK(receipt["partition"].is_null());
        CHECK(receipt["offset"].is_null());
        CHECK(receipt["timestamp"] == "2025-11-24T16:00:00.123Z");
        const std::string url =
            (base.empty() ? "" : "https://in.example") + std::string("/v1/events?id=a%20b&source=%2Fsrc");
        CHECK(receipt["status_url"] == url);
        std::string location;
        receipts.append_status_url(location, "events", {"a b", "/src", &d});
        CHECK(location == url);
    }
}

TEST_CASE("by its id an event says its state, wherever it is") {
    const receipt_writer receipts("http://localhost:8090");
    const kafka::delivery waits = spooled_delivery({1'764'000'000'123});
    const kafka::delivery lies = stored_at(3, 42);
    CHECK(json::parse(receipts.located("events", {"1", "/src", &waits}))["state"] == "spooled");
    const json stored = json::parse(receipts.located("events", {"1", "/src", &lies}));
    CHECK(stored["state"] == "stored");
    CHECK(stored["offset"] == 42);
    CHECK(stored["status_url"] == "http://localhost:8090/v1/events/events/3/42?id=1");
}

TEST_CASE("a spool that takes nothing is no broker to come back to soon; one in doubt is 504") {
    const kafka::delivery full{.error = make_error_code(spool_errc::full)};
    const kafka::delivery doubt{.error = make_error_code(spool_errc::in_doubt)};
    const std::vector<outcome> one = {{"1", "/src", &full}};
    CHECK(not_all_stored(one).code == "broker_unavailable");
    CHECK(not_all_stored(one).detail.find("spool.max_bytes") != std::string::npos);
    const std::vector<outcome> other = {{"1", "/src", &doubt}};
    CHECK(not_all_stored(other).status == 504);
}

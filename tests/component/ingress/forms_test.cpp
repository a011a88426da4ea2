// Every form of an event, from the POST to the record in Kafka.
#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace millrace::test;
using nlohmann::json;

TEST_CASE("plain JSON arrives as it was sent, with the topic's source and type and an id of ours") {
    running_ingress ingress;
    ingress.wait_until_ready();
    const std::string body = R"({ "n": 12345678901234567890123.50, "n": 1e400 })"; // not to be touched
    const http_answer answer = post(ingress.port(), "/v1/events?key=order%2017", "application/json", body);
    REQUIRE(answer.status == 202);
    CHECK(answer.headers.at("content-type") == "application/json");
    const json receipt = json::parse(answer.body);
    CHECK(receipt["source"] == "/millrace");
    CHECK(receipt["id"].get<std::string>().size() == 36);
    CHECK(answer.headers.at("location") == receipt["status_url"]);
    const read_record record = ingress.read(receipt);
    CHECK(record.value == body);
    CHECK(record.key == "order 17");
    CHECK(record.headers.at("ce_specversion") == "1.0");
    CHECK(record.headers.at("ce_id") == receipt["id"]);
    CHECK(record.headers.at("ce_source") == "/millrace");
    CHECK(record.headers.at("ce_type") == "event");
    CHECK(record.headers.at("content-type") == "application/json");
    CHECK(record.headers.at("traceparent").size() == 55);
}

TEST_CASE("CloudEvents in binary and structured mode become the same record") {
    running_ingress ingress;
    ingress.wait_until_ready();
    const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const http_answer binary = post(
        ingress.port(), "/v1/events", "application/json", R"({"a": 1.0})",
        "ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /shop\r\nce-type: order.paid\r\nce-partitionkey: k\r\n"
        "ce-region: eu%20west\r\ntraceparent: " +
            trace + "\r\n");
    const http_answer structured =
        post(ingress.port(), "/v1/events", "application/cloudevents+json",
             R"({"specversion":"1.0","id":"1","source":"/shop","type":"order.paid","partitionkey":"k",)"
             R"("region":"eu west","datacontenttype":"application/json","data":{"a": 1.0}})",
             "traceparent: " + trace + "\r\n");
    REQUIRE(binary.status == 202);
    REQUIRE(structured.status == 202);
    const read_record a = ingress.read(json::parse(binary.body));
    const read_record b = ingress.read(json::parse(structured.body));
    CHECK(a.value == R"({"a": 1.0})");
    CHECK(a.value == b.value);
    CHECK(a.key == "k");
    CHECK(b.key == "k");
    CHECK(a.headers == b.headers);
    CHECK(a.headers.at("ce_region") == "eu west");
    CHECK(a.headers.at("traceparent") == trace);
}

TEST_CASE("batches: receipts in order, an empty one is nothing, one wrong event refuses them all") {
    running_ingress ingress;
    ingress.wait_until_ready();
    const http_answer lines = post(ingress.port(), "/v1/events", "application/x-ndjson",
                                   "{\"n\":0}\n\n{\"n\":1}\n", "Idempotency-Key: \"batch\"\r\n");
    REQUIRE(lines.status == 202);
    const json answer = json::parse(lines.body);
    CHECK(answer["accepted"] == 2);
    CHECK(answer["events"][0]["id"] == "batch/0");
    CHECK(answer["events"][1]["id"] == "batch/1");
    CHECK(ingress.read(answer["events"][1]).value == R"({"n":1})");

    const http_answer empty = post(ingress.port(), "/v1/events", "application/cloudevents-batch+json", "[]");
    CHECK(empty.status == 202);
    CHECK(json::parse(empty.body)["accepted"] == 0);

    const http_answer wrong =
        post(ingress.port(), "/v1/events", "application/x-ndjson", "{\"n\":0}\n{\"n\":\n");
    CHECK(wrong.status == 400);
    CHECK(wrong.headers.at("content-type") == "application/problem+json");
    CHECK(json::parse(wrong.body)["errors"][0]["index"] == 1);
}

TEST_CASE("what is refused says why and what to do") {
    running_ingress ingress([](auto& s) { s.http.max_body_bytes = 1'000; });
    ingress.wait_until_ready();
    const auto code = [](const http_answer& a) { return json::parse(a.body)["code"].get<std::string>(); };
    const http_answer text = post(ingress.port(), "/v1/events", "text/plain", "hello");
    CHECK(text.status == 415);
    CHECK(text.headers.at("accept-post").find("application/x-ndjson") != std::string::npos);
    CHECK(code(post(ingress.port(), "/v1/events", "application/json", "{")) == "malformed_event");
    CHECK(post(ingress.port(), "/v1/events", "application/json", std::string(1'001, ' ')).status == 413);
    CHECK(post(ingress.port(), "/v1/events?key=%zz", "application/json", "{}").status == 400);
    CHECK(post(ingress.port(), "/v1/events?key=a&key=b", "application/json", "{}").status == 400);
    for (const char* sent : {"Idempotency-Key:\r\n", "Idempotency-Key: a\r\nIdempotency-Key: b\r\n",
                             "Content-Type: application/x-ndjson\r\n"}) {
        const http_answer twice = post(ingress.port(), "/v1/events", "application/json", "{}", sent);
        CHECK_MESSAGE(twice.status == 400, sent);
        CHECK(code(twice) == "malformed_request");
    }
    const std::string longest(1'024, 'k');
    CHECK(post(ingress.port(), "/v1/events?key=" + longest, "application/json", "{}",
               "Idempotency-Key: " + longest + "\r\n")
              .status == 202);
    for (const std::string& headers : {"Idempotency-Key: k" + longest + "\r\n", std::string()}) {
        const std::string query = headers.empty() ? "?key=k" + longest : "";
        CHECK(post(ingress.port(), "/v1/events" + query, "application/json", "{}", headers).status == 400);
    }
    const http_answer packed =
        post(ingress.port(), "/v1/events", "application/json", "{}", "Content-Encoding: br\r\n");
    CHECK(packed.status == 415);
    CHECK(packed.headers.at("accept-encoding") == "gzip, identity");
    CHECK(packed.headers.contains("accept-post"));
    CHECK(http_client(ingress.port()).request("OPTIONS", "/v1/topics/other/events").status == 204);
    CHECK(post(ingress.port(), "/v1/topics/other/events", "application/json", "{}").status == 404);
    CHECK(post(ingress.port(), "/v1/topics/events/events", "application/json", "{}").status == 202);
    const http_answer method = http_client(ingress.port()).request("PUT", "/v1/events");
    CHECK(method.status == 405);
    CHECK(method.headers.at("allow").find("POST") != std::string::npos);
    CHECK(http_client(ingress.port()).request("OPTIONS", "/v1/events").headers.contains("accept-post"));
}

TEST_CASE("several loops share one port, and each of them publishes") {
    running_ingress ingress([](auto& s) { s.http.threads = 3; });
    // A loop of its own answers each connection: all of them have to get ready.
    REQUIRE(eventually([&] {
        for (int i = 0; i < 30; ++i)
            if (get(ingress.port(), "/readyz").status != 200)
                return false;
        return true;
    }));
    for (int i = 0; i < 60; ++i)
        REQUIRE(post(ingress.port(), "/v1/events", "application/json", "{}").status == 202);
    const std::string metrics = get(ingress.port(), "/metrics").body;
    CHECK(metrics.find("millrace_ingress_events_total{topic=\"events\",outcome=\"stored\"} 60\n") !=
          std::string::npos);
    CHECK(get(ingress.port(), "/healthz").status == 200);
    CHECK(json::parse(get(ingress.port(), "/version").body)["name"] == "millrace-ingress");
}

// Which part of an event goes into which column.
#include "sql_handler.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace millrace;
using namespace millrace::processor;

TEST_CASE("a CloudEvent with everything") {
    const std::array attributes = {event::attribute{"ce_subject", "the subject"},
                                   event::attribute{"ce_time", "2026-01-01T00:00:00Z"},
                                   event::attribute{"ce_dataschema", "https://example.org/s"},
                                   event::attribute{"ce_region", "say \"eu\""}};
    event::event e;
    e.id = "1";
    e.source = "/s";
    e.type = "t";
    e.content_type = "application/json";
    e.data = "{}";
    e.key = "k";
    e.cloud_event = true;
    e.attributes = attributes;
    delivery d;
    d.event = &e;
    d.topic = "events";
    d.partition = partition_id{2};
    d.offset = record_offset{3};
    d.timestamp = {4};
    const sql::row r = to_row(d);
    CHECK(r.place == coordinates{"events", partition_id{2}, record_offset{3}});
    CHECK(r.timestamp == unix_ms{4});
    CHECK(r.id == "1");
    CHECK(r.source == "/s");
    CHECK(r.type == "t");
    CHECK(r.subject == "the subject");
    CHECK(r.time == "2026-01-01T00:00:00Z");
    CHECK(r.key == "k");
    CHECK(r.content_type == "application/json");
    CHECK(r.extensions == R"({"dataschema": "https://example.org/s", "region": "say \"eu\""})");
    CHECK(r.data == "{}");
    CHECK(r.plain_record_ms() == 0);
}

TEST_CASE("a plain record has what it has") {
    event::event e;
    e.id = "events/2/3";
    e.source = "/millrace";
    e.type = "event";
    delivery d;
    d.event = &e;
    d.topic = "events";
    d.timestamp = {4};
    const sql::row r = to_row(d);
    CHECK_FALSE(r.subject);
    CHECK_FALSE(r.time);
    CHECK_FALSE(r.key);
    CHECK_FALSE(r.content_type);
    CHECK(r.extensions == "{}");
    CHECK(r.data.empty());
    CHECK(r.plain_record_ms() == 4);
}

// What is read from librdkafka's statistics. The document is as 2.0 writes it, shortened.
#include "statistics.hpp"

#include <doctest/doctest.h>

using namespace millrace::kafka;

namespace {

constexpr std::string_view document = R"({
 "name": "x#producer-1", "client_id": "x", "type": "producer", "ts": 1, "replyq": 0, "msg_cnt": 4, "simple_cnt": 0,
 "brokers": {
  "localhost:9092/bootstrap": {"name": "b", "nodeid": -1, "source": "configured", "state": "UP", "outbuf_cnt": 0,
   "waitresp_cnt": 0, "txerrs": 1, "txretries": 0, "req_timeouts": 0,
   "int_latency": {"min": 0, "max": 0, "avg": 0, "sum": 0, "cnt": 0},
   "rtt": {"min": 5, "max": 5, "avg": 5000, "cnt": 1}, "throttle": {"avg": 0, "cnt": 1},
   "req": {"Produce": 0, "Metadata": 3, "avg": 77, "cnt": 99}, "toppars": {}},
  "localhost:9092/1": {"name": "c", "nodeid": 1, "source": "learned", "state": "UP", "outbuf_cnt": 2,
   "waitresp_cnt": 3, "txerrs": 4, "txretries": 5, "req_timeouts": 6,
   "int_latency": {"min": 1, "max": 9, "avg": 400, "sum": 0, "cnt": 3}, "outbuf_latency": {"avg": 9999, "cnt": 9},
   "rtt": {"avg": 1000, "cnt": 3}, "throttle": {"avg": 12, "cnt": 1},
   "toppars": {"events-0": {"topic": "events", "partition": 0, "txerrs": 1000}}},
  "localhost:9093/2": {"name": "d", "nodeid": 2, "source": "learned", "state": "DOWN", "outbuf_cnt": -1,
   "int_latency": {"avg": 0, "cnt": 1}},
  "GroupCoordinator": {"name": "g", "nodeid": 1, "source": "logical", "state": "UP", "waitresp_cnt": 1}},
 "topics": {"events": {"topic": "events", "txerrs": 7, "batchsize": {"avg": 5, "cnt": 5, "leader": 8}, "partitions": {
   "0": {"partition": 0, "broker": 2, "leader": 1, "txmsgs": 3}, "-1": {"partition": -1, "leader": -1}}}},
 "cgrp": {"state": "up", "join_state": "steady"}, "tx": 100, "txerrs": 1000
})";

} // namespace

TEST_CASE("brokers, and what their requests meet") {
    partition_leaders leaders;
    const statistics s = read_statistics(document, &leaders);
    CHECK(s.brokers_up == 2); // the bootstrap server, and the broker that is up
    CHECK(s.brokers_known == 2);
    CHECK(s.join_state == "steady");
    CHECK(leaders == partition_leaders{{"events/-1", -1}, {"events/0", 1}});
    CHECK(s.requests_waiting == 6);
    CHECK(s.request_errors == 5);
    CHECK(s.request_retries == 5);
    CHECK(s.request_timeouts == 6);
    CHECK(s.queue_us == 300);        // 3 of 400 and 1 of 0
    CHECK(s.round_trip_us == 2'000); // 1 of 5000 and 3 of 1000
    CHECK(s.throttle_us == 6'000);   // 1 of 0 and 1 of 12 ms
}

TEST_CASE("a leader that is another one, or gone, has changed since; one that is new has not") {
    using namespace std::chrono_literals;
    const millrace::steady_time start{1h};
    leader_watch w;
    CHECK_FALSE(w.changed_since(start));
    w.see({{"events/0", 1}, {"events/1", -1}}, start);
    w.see({{"events/0", 1}, {"events/1", 2}, {"events/2", 3}}, start + 1s); // known, and found
    CHECK_FALSE(w.changed_since(start));
    w.see({{"events/0", 1}, {"events/1", -1}}, start + 2s);
    CHECK(w.changed_since(start + 2s));
    CHECK_FALSE(w.changed_since(start + 3s));
    w.see({{"events/0", 2}, {"events/1", -1}}, start + 4s);
    CHECK(w.changed_since(start + 4s));
    CHECK_FALSE(w.changed_since(start + 5s));
}

TEST_CASE("what is not librdkafka's says nothing") {
    for (const std::string_view text : {"", "{", "[]", "{\"brokers\": 3}", "{\"brokers\": {\"a\": 1}}"}) {
        CAPTURE(text);
        const statistics s = read_statistics(text);
        CHECK(s.brokers_known == 0);
        CHECK(s.request_errors == 0);
        CHECK(s.round_trip_us == 0);
    }
}

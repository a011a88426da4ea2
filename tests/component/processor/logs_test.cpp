// A committed position of another log of the same name is not trusted; that of the same log is.
#include "captured_log.hpp"
#include "fixture.hpp"

#include "millrace/processor/commit_notes.hpp"

#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>

#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <string_view>

using namespace millrace;
using namespace millrace::test;
using processor::to_metadata;
using processor::witness;

namespace {

using client_ptr = std::unique_ptr<rd_kafka_t, void (*)(rd_kafka_t*)>;
using list_ptr = std::unique_ptr<rd_kafka_topic_partition_list_t, void (*)(rd_kafka_topic_partition_list_t*)>;

client_ptr client_of_group(broker& at) {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    const std::string brokers = at.cluster().bootstrap_servers();
    REQUIRE(rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), nullptr, 0) == RD_KAFKA_CONF_OK);
    REQUIRE(rd_kafka_conf_set(conf, "group.id", "millrace", nullptr, 0) == RD_KAFKA_CONF_OK);
    client_ptr client(rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0), rd_kafka_destroy);
    REQUIRE(client);
    return client;
}

list_ptr list_of(int partition) {
    list_ptr list(rd_kafka_topic_partition_list_new(1), rd_kafka_topic_partition_list_destroy);
    rd_kafka_topic_partition_list_add(list.get(), "events", partition);
    return list;
}

// What a processor left behind when it ended.
void commit(broker& at, int partition, std::int64_t offset, const std::string& metadata) {
    const client_ptr client = client_of_group(at);
    const list_ptr list = list_of(partition);
    list->elems[0].offset = offset;
    list->elems[0].metadata = strdup(metadata.c_str());
    list->elems[0].metadata_size = metadata.size();
    REQUIRE(rd_kafka_commit(client.get(), list.get(), 0) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

std::string committed_metadata(broker& at, int partition) {
    const client_ptr client = client_of_group(at);
    const list_ptr list = list_of(partition);
    REQUIRE(rd_kafka_committed(client.get(), list.get(), 10'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    return {static_cast<const char*>(list->elems[0].metadata), list->elems[0].metadata_size};
}

std::vector<written> numbered(int count, int partitions) {
    std::vector<written> all;
    for (int i = 0; i < count; ++i)
        all.push_back(cloud_event(std::to_string(i), std::nullopt, i % partitions));
    return all;
}

std::set<std::string> handled(const script& by) {
    std::set<std::string> ids;
    for (const seen_attempt& a : by.attempts())
        ids.insert(a.id);
    return ids;
}

plan done(const processor::delivery&) {
    return {};
}

witness of(const stored& s) {
    return {record_offset{s.offset}, unix_ms{s.timestamp_ms},
            processor::checksum(s.key ? std::optional<std::string_view>(*s.key) : std::nullopt, s.value)};
}

bool says_replaced(const running_processor& p, int partitions) {
    return p.get("/metrics")
               .body.find("millrace_processor_logs_replaced_total " + std::to_string(partitions)) !=
           std::string::npos;
}

std::size_t count(const std::string& text, std::string_view sentence) {
    std::size_t found = 0;
    for (auto at = text.find(sentence); at != std::string::npos; at = text.find(sentence, at + 1))
        ++found;
    return found;
}

} // namespace

TEST_CASE("a commit whose witness is another record belongs to another log: all partitions start over") {
    broker kafka(2);
    kafka.write(numbered(40, 2));
    witness other = of(kafka.read_all("events", 0)[7]);
    SUBCASE("by its time") {
        --other.timestamp.value;
    }
    SUBCASE("by its content") {
        ++other.checksum;
    }
    SUBCASE("by being past the end") {
        other.offset = record_offset{20};
    }
    commit(kafka, 0, 15, to_metadata(other));
    commit(kafka, 1, 15, "somebody's own");
    script told(done);
    running_processor p(kafka.settings(), told.factory());
    CHECK(eventually([&] { return handled(told).size() == 40; }));
    CHECK(says_replaced(p, 2));
    CHECK(eventually([&] { return kafka.committed(0) == 20 && kafka.committed(1) == 20; }));
    const auto receipt = p.receipt(0, 3);
    CHECK(receipt["state"] == "processed");
    CHECK(receipt["id"] == "6");
}

TEST_CASE("where the tail is read again, another log is known before anything of it is handled") {
    broker kafka(1);
    kafka.write(numbered(20, 1));
    witness other = of(kafka.read_all("events", 0)[7]);
    ++other.checksum;
    constexpr record_offset committed{15};
    commit(kafka, 0, value(committed),
           to_metadata({.seen = other, .tail = record_offset{0}, .finished = {}}, committed));
    script told(done);
    running_processor p(kafka.settings(), told.factory());
    p.wait_until_final(20);
    CHECK(told.attempts().size() == 20);
    CHECK(told.attempts().front().id == "0");
    CHECK(says_replaced(p, 1));
}

TEST_CASE("where no leader can be asked about the log, that is said once, and that it can again") {
    broker kafka(2);
    kafka.write(numbered(10, 2));
    script told(done);
    const captured_log log;
    running_processor p(kafka.settings(), told.factory());
    p.wait_until_final(10);
    for (const int partition : {0, 1})
        kafka.cluster().move_leader("events", partition, kafka::mock_cluster::no_leader);
    CHECK(eventually(
        [&] { return count(log.text(), "It cannot be told whether a log is still the one") == 1; }));
    for (const int partition : {0, 1})
        kafka.cluster().move_leader("events", partition, 1);
    CHECK(eventually([&] { return count(log.text(), "It can be told again") == 1; }));
    CHECK(count(log.text(), "It cannot be told") == 1);
    CHECK(says_replaced(p, 0));
}

TEST_CASE("a commit past the end of the log is not waited for") {
    broker kafka(1);
    kafka.write(numbered(10, 1));
    commit(kafka, 0, 50, "");
    script told(done);
    running_processor p(kafka.settings(), told.factory());
    CHECK(eventually([&] { return handled(told).size() == 10; }));
    CHECK(eventually([&] { return kafka.committed(0) == 10; }));
    CHECK(says_replaced(p, 1));
}

TEST_CASE("a commit whose witness is there is gone on from, by the next processor too") {
    broker kafka(1);
    kafka.write(numbered(10, 1));
    {
        script told(done);
        running_processor p(kafka.settings(), told.factory());
        p.wait_until_final(10);
    }
    const processor::commit_notes left =
        processor::parse_notes(committed_metadata(kafka, 0), record_offset{10});
    CHECK(left.seen == of(kafka.read_all("events", 0)[0]));
    CHECK(left.tail == record_offset{0});
    CHECK(left.finished.empty());
    kafka.write({cloud_event("next")});
    script told(done);
    running_processor p(kafka.settings(), told.factory());
    p.wait_until_final(1);
    CHECK(handled(told) == std::set<std::string>{"next"});
    CHECK(says_replaced(p, 0));
}

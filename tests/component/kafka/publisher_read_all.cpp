// The witness: a librdkafka consumer without any code of ours around it.
#include "publisher_fixture.hpp"

#include <librdkafka/rdkafka.h>

#include <stdexcept>

namespace millrace::kafka::test {
namespace {

stored_record copy(const rd_kafka_message_t& of) {
    stored_record to;
    to.partition = of.partition;
    to.offset = of.offset;
    if (of.key != nullptr)
        to.key.emplace(static_cast<const char*>(of.key), of.key_len);
    if (of.payload != nullptr)
        to.value.emplace(static_cast<const char*>(of.payload), of.len);
    to.timestamp = rd_kafka_message_timestamp(&of, nullptr);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&of, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i)
            to.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
    }
    return to;
}

/// Reads until each partition's end was seen.
void read_to_ends(rd_kafka_queue_t* queue, std::int32_t partitions, std::vector<stored_record>& to) {
    const auto end = steady_clock::now() + 20s;
    while (partitions > 0) {
        if (steady_clock::now() > end)
            throw std::runtime_error("the log cannot be read to its end");
        if (rd_kafka_message_t* message = rd_kafka_consume_queue(queue, 100)) {
            partitions -= message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF ? 1 : 0;
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
                to.push_back(copy(*message));
            rd_kafka_message_destroy(message);
        }
    }
}

} // namespace

std::vector<stored_record> read_all(const mock_cluster& cluster, const std::string& name) {
    char error[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", cluster.bootstrap_servers().c_str(), error, sizeof error);
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", error, sizeof error);
    rd_kafka_conf_set(conf, "fetch.wait.max.ms", "10", error, sizeof error);
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    if (client == nullptr)
        throw std::runtime_error(error);
    rd_kafka_topic_t* topic = rd_kafka_topic_new(client, name.c_str(), nullptr);
    const rd_kafka_metadata_t* metadata = nullptr;
    if (const auto failed = rd_kafka_metadata(client, 0, topic, &metadata, 10'000))
        throw std::runtime_error(rd_kafka_err2str(failed));
    const std::int32_t partitions = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
    for (std::int32_t p = 0; p < partitions; ++p)
        rd_kafka_consume_start_queue(topic, p, RD_KAFKA_OFFSET_BEGINNING, queue);
    std::vector<stored_record> records;
    read_to_ends(queue, partitions, records);
    for (std::int32_t p = 0; p < partitions; ++p)
        rd_kafka_consume_stop(topic, p);
    rd_kafka_queue_destroy(queue);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    std::ranges::sort(records, {}, [](const auto& r) { return std::pair(r.partition, r.offset); });
    return records;
}

} // namespace millrace::kafka::test

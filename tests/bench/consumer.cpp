// consumer --brokers B --topic T --group G --count N: the processor with everything left out. A member of a
// group that takes records from librdkafka's event queue, counts them and leaves; prints how many and how
// long from the first to the last.
#include "arguments.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>

namespace {

using namespace millrace::bench;
using clock_type = std::chrono::steady_clock;
using client_ptr = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;
using queue_ptr = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;

constexpr std::chrono::seconds patience{60}; // without any record, before it gives up

client_ptr join(const arguments& given) {
    std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> conf(rd_kafka_conf_new(),
                                                                            &rd_kafka_conf_destroy);
    std::array<char, 512> error{};
    for (const auto& [name, value] :
         {std::pair{"bootstrap.servers", given.text("brokers").c_str()},
          std::pair{"group.id", given.text("group").c_str()}, std::pair{"auto.offset.reset", "earliest"}})
        if (rd_kafka_conf_set(conf.get(), name, value, error.data(), error.size()) != RD_KAFKA_CONF_OK)
            throw std::runtime_error(error.data());
    client_ptr client(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), error.data(), error.size()),
                      &rd_kafka_destroy);
    if (!client)
        throw std::runtime_error(error.data());
    static_cast<void>(conf.release()); // the client owns it now
    rd_kafka_poll_set_consumer(client.get());

    const std::unique_ptr<rd_kafka_topic_partition_list_t, decltype(&rd_kafka_topic_partition_list_destroy)>
        topics(rd_kafka_topic_partition_list_new(1), &rd_kafka_topic_partition_list_destroy);
    rd_kafka_topic_partition_list_add(topics.get(), given.text("topic").c_str(), RD_KAFKA_PARTITION_UA);
    if (const auto failed = rd_kafka_subscribe(client.get(), topics.get());
        failed != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw std::runtime_error(rd_kafka_err2str(failed));
    return client;
}

struct tally {
    std::uint64_t records = 0;
    clock_type::time_point first{};
    clock_type::time_point last{};
};

tally consume(rd_kafka_t& client, std::uint64_t count) {
    const queue_ptr queue(rd_kafka_queue_get_consumer(&client), &rd_kafka_queue_destroy);
    tally seen;
    auto heard_at = clock_type::now();
    while (seen.records < count && clock_type::now() - heard_at < patience) {
        rd_kafka_event_t* event = rd_kafka_queue_poll(queue.get(), 100);
        if (event == nullptr)
            continue;
        while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
            if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
                continue;
            heard_at = clock_type::now();
            if (seen.records++ == 0)
                seen.first = heard_at;
        }
        rd_kafka_event_destroy(event);
    }
    seen.last = heard_at;
    return seen;
}

} // namespace

int main(int argc, char** argv) {
    try {
        const arguments given({argv, static_cast<std::size_t>(argc)}, {{"brokers", "127.0.0.1:9092"},
                                                                       {"topic", "events"},
                                                                       {"group", "bench-consumer"},
                                                                       {"count", "0"}});
        const auto count = given.number("count");
        const client_ptr client = join(given);
        const tally seen = consume(*client, count);
        rd_kafka_consumer_close(client.get());
        std::printf("{\"records\": %llu, \"seconds\": %.6f}\n", static_cast<unsigned long long>(seen.records),
                    std::chrono::duration<double>(seen.last - seen.first).count());
        return seen.records == count ? 0 : 1;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "consumer: %s\n", failure.what());
        return 1;
    }
}

// The settings of a member of a group, and why each is what it is.
#include "consumer_conf.hpp"

#include "bounded_call.hpp"
#include "client_conf.hpp"
#include "millrace/runtime/log.hpp"

#include <algorithm>
#include <array>

namespace millrace::kafka {
namespace {

/// Sets what a user may choose otherwise.
void set_default(rd_kafka_conf_t& conf, const consumer_config& config, const char* name, const char* value) {
    if (!config.client.properties.contains(name))
        set(conf, name, value);
}

bool knows(rd_kafka_conf_t& conf, const char* name) {
    std::size_t size = 0;
    return rd_kafka_conf_get(&conf, name, nullptr, &size) == RD_KAFKA_CONF_OK;
}

void set_group(rd_kafka_conf_t& conf, const consumer_config& config, const std::string& assignor) {
    constexpr milliseconds longest_heartbeat{3'000};
    const auto heartbeat = std::clamp(config.session_timeout / 3, milliseconds{1}, longest_heartbeat);
    set(conf, "group.id", config.group);
    if (!config.instance_id.empty())
        set(conf, "group.instance.id", config.instance_id);
    set(conf, "partition.assignment.strategy", assignor);
    set(conf, "session.timeout.ms", std::to_string(config.session_timeout.count()));
    set(conf, "heartbeat.interval.ms", std::to_string(heartbeat.count()));
    set(conf, "max.poll.interval.ms", std::to_string(config.max_poll_interval.count()));
}

/// The queue of prefetched records. librdkafka looks at a full one again only when its broker thread wakes
/// up, which with nothing else to do is after a second: a small queue would cap the rate at its size a
/// second. A record of 300 bytes takes about 0.7 KB here, so 80,000 of them (and one more answer to a fetch)
/// stay under 80 MB; 24 MB bound the large ones, of which the overhead is small.
void set_queue(rd_kafka_conf_t& conf, const consumer_config& config) {
    set_default(conf, config, "queued.min.messages", "80000");
    set_default(conf, config, "queued.max.messages.kbytes", "24576");
    if (knows(conf, "fetch.queue.backoff.ms"))
        set_default(conf, config, "fetch.queue.backoff.ms", "20");
}

conf_ptr make_consumer_conf(const consumer_config& config, const std::string& assignor) {
    auto conf = make_conf(config.client, client_role::consumer);
    set_group(*conf, config, assignor);
    set(*conf, "enable.auto.commit", "false");
    set(*conf, "enable.auto.offset.store", "false");
    set(*conf, "auto.offset.reset", "earliest");
    set(*conf, "isolation.level", "read_committed");
    set(*conf, "enable.partition.eof", "true"); // the position passes records that are none: control, aborted
    // A member makes no topics. That is the default; to say so makes librdkafka warn of old brokers for ever.
    if (config.client.properties.contains("allow.auto.create.topics"))
        set(*conf, "allow.auto.create.topics", "false");
    set(*conf, "statistics.interval.ms", "1000");
    // New topics and partitions are found by asking; librdkafka's own 5 minutes are long for someone who
    // waits.
    set_default(*conf, config, "topic.metadata.refresh.interval.ms", "10000");
    set_queue(*conf, config);
    rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT |
                                             RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS);
    return conf;
}

} // namespace

const char* sound_assignor(int library_version) noexcept {
    // Before 2.6.1 a cooperative group could rebalance for ever. Of the others range keeps the partitions of
    // a key that several topics share on one member.
    constexpr int fixed_in = 0x020601'00;
    return library_version >= fixed_in ? "cooperative-sticky" : "range";
}

consumer_ptr make_consumer(const consumer_config& config, const std::string& assignor) {
    consumer_ptr client(make_client(make_consumer_conf(config, assignor), client_role::consumer).release());
    rd_kafka_poll_set_consumer(client.get());
    return client;
}

/// librdkafka 2.0.2 sometimes does not come back from this after a topic was deleted and made again: a
/// broker's thread keeps a reference. Nothing is lost by leaving it: the group was left before.
void destroy_consumer(rd_kafka_t* client) noexcept {
    constexpr milliseconds patience{5'000};
    if (!returns_within(patience,
                        [client] { rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); }))
        runtime::log(runtime::level::warn,
                     "librdkafka did not finish with a consumer that has left its group; it is left behind");
}

} // namespace millrace::kafka

// Which properties a user may set, and how librdkafka is told: each client gets those that concern its role
// only.
#include "millrace/kafka/client_config.hpp"

#include "client_conf.hpp"

#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

namespace millrace::kafka {
namespace {

struct refused_property {
    std::string_view name; ///< a trailing `*` stands for any ending
    std::string_view reason;
};

constexpr std::string_view needed_for_202 =
    "it is fixed: an event is answered 202 only when every in-sync replica has it, once and in order";
constexpr std::string_view by_timeout =
    "it follows from http.request_timeout_ms: every event is settled before its request must be answered";
constexpr std::string_view by_lanes =
    "it is chosen by millrace: few events are sent at once, many in batches";
constexpr std::string_view by_limits =
    "set ingress.max_in_flight_events and ingress.max_in_flight_bytes instead";
constexpr std::string_view by_offsets =
    "it is fixed: an offset is committed only when every event before it was handled";
constexpr std::string_view by_api = "it is set by librdkafka's programs, not by configuration";

constexpr std::array refused_properties{
    refused_property{"acks", needed_for_202},
    refused_property{"request.required.acks", needed_for_202},
    refused_property{"enable.idempotence", needed_for_202},
    refused_property{"enable.gapless.guarantee", needed_for_202},
    refused_property{"retries", needed_for_202},
    refused_property{"message.send.max.retries", needed_for_202},
    refused_property{"max.in.flight", needed_for_202},
    refused_property{"max.in.flight.requests.per.connection", needed_for_202},
    refused_property{"queuing.strategy", needed_for_202},
    refused_property{"produce.offset.report", needed_for_202},
    refused_property{"delivery.report.only.error", needed_for_202},
    refused_property{"transactional.id", "millrace does not use transactions"},
    refused_property{"transaction.timeout.ms", "millrace does not use transactions"},
    refused_property{"message.timeout.ms", by_timeout},
    refused_property{"delivery.timeout.ms", by_timeout},
    refused_property{"request.timeout.ms", by_timeout},
    refused_property{"linger.ms", by_lanes},
    refused_property{"queue.buffering.max.ms", by_lanes},
    refused_property{"sticky.partitioning.linger.ms", by_lanes},
    refused_property{"queue.buffering.max.messages", by_limits},
    refused_property{"queue.buffering.max.kbytes", by_limits},
    refused_property{"queue.buffering.backpressure.threshold", by_limits},
    refused_property{"partitioner",
                     "it is fixed: retries of an event meet the same partition whatever program sent them"},
    refused_property{"msg_order_cmp", by_api},
    refused_property{"bootstrap.servers", "set kafka.brokers instead"},
    refused_property{"metadata.broker.list", "set kafka.brokers instead"},
    refused_property{"client.id", "it is the name of the service"},
    refused_property{"statistics.interval.ms",
                     "it is fixed: readiness and /status are made from these statistics"},
    refused_property{"reconnect.backoff.ms", "it is fixed: a broker that is back is used within a second"},
    refused_property{"reconnect.backoff.max.ms",
                     "it is fixed: a broker that is back is used within a second"},
    refused_property{"group.id", "set processor.group instead"},
    refused_property{"group.instance.id", "set processor.instance_id instead"},
    refused_property{"group.protocol", "it is chosen by millrace"},
    refused_property{
        "partition.assignment.strategy",
        "it is chosen by millrace: cooperative where this version of librdkafka is sound for it"},
    refused_property{"enable.auto.commit", by_offsets},
    refused_property{"auto.commit.enable", by_offsets},
    refused_property{"auto.commit.interval.ms", by_offsets},
    refused_property{"enable.auto.offset.store", by_offsets},
    refused_property{"offset.store.*", by_offsets},
    refused_property{"auto.offset.reset",
                     "it is fixed at earliest: with latest, events could be skipped unhandled"},
    refused_property{"enable.partition.eof", "it is fixed: lag and receipts are made from it"},
    refused_property{"isolation.level", "it is fixed at read_committed: an aborted record is not an event"},
    refused_property{"consume.callback.max.messages", by_api},
    refused_property{"enabled_events", by_api},
    refused_property{"log.queue", by_api},
    refused_property{"log.thread.name", by_api},
    refused_property{"test.mock.*", "use millrace-devbroker for a broker in memory"},
    refused_property{"opaque", by_api},
    refused_property{"*_cb", by_api},
    refused_property{"default_topic_conf", by_api},
    refused_property{"plugin.library.paths", "millrace loads no code that is named by configuration"},
};

bool matches(std::string_view pattern, std::string_view name) noexcept {
    if (pattern.starts_with('*'))
        return name.ends_with(pattern.substr(1));
    if (pattern.ends_with('*'))
        return name.starts_with(pattern.substr(0, pattern.size() - 1));
    return name == pattern;
}

/// For each property the column "C/P" of librdkafka's own table: 'C', 'P' or '*'. There is no other way to
/// ask.
std::map<std::string, char, std::less<>> read_roles() {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* out = open_memstream(&text, &size);
    if (out == nullptr)
        throw std::runtime_error("no memory for the list of Kafka properties");
    rd_kafka_conf_properties_show(out);
    std::fclose(out);
    const std::unique_ptr<char, destroy_with<std::free>> owned(text);

    std::map<std::string, char, std::less<>> roles;
    std::string_view rest(text, size);
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        const auto bar = line.find(" | ");
        if (bar == line.npos || bar + 5 > line.size())
            continue;
        const std::string_view name = line.substr(0, line.find(' '));
        roles.emplace(name, line[bar + 4]);
    }
    return roles;
}

bool concerns(client_role role, std::string_view property) {
    static const auto roles = read_roles();
    const auto found = roles.find(property);
    if (found == roles.end()) // hidden or unknown: librdkafka says which
        return true;
    return found->second != (role == client_role::producer ? 'C' : 'P');
}

std::optional<std::string> try_set(rd_kafka_conf_t& conf, const char* name, const char* value) {
    std::array<char, 512> error{};
    if (rd_kafka_conf_set(&conf, name, value, error.data(), error.size()) == RD_KAFKA_CONF_OK)
        return std::nullopt;
    return std::string(error.data());
}

} // namespace

std::optional<std::string> refusal(std::string_view property) {
    for (const auto& refused : refused_properties) {
        if (matches(refused.name, property))
            return std::string(refused.reason);
    }
    return std::nullopt;
}

std::optional<std::string> check_property(const std::string& name, const std::string& value) {
    const conf_ptr conf(rd_kafka_conf_new());
    return try_set(*conf, name.c_str(), value.c_str());
}

std::string library_version() {
    return rd_kafka_version_str();
}

void set(rd_kafka_conf_t& conf, const char* name, const std::string& value) {
    if (const auto error = try_set(conf, name, value.c_str()))
        throw std::runtime_error(*error);
}

namespace {

/// What `[kafka.properties]` may change.
void set_producer_defaults(rd_kafka_conf_t& conf) {
    // How large a record may be is for the broker to say (and for the services' own limits), not for
    // librdkafka.
    set(conf, "message.max.bytes", "67108864");
    // But the broker's limit is on batches, and it refuses a batch as a whole: small events are to stay far
    // below.
    set(conf, "batch.size", "262144");
    // Half a minute by default, in which records for a topic that does not exist wait.
    set(conf, "topic.metadata.propagation.max.ms", "2000");
}

} // namespace

conf_ptr make_conf(const client_config& config, client_role role) {
    conf_ptr conf(rd_kafka_conf_new());
    set(*conf, "bootstrap.servers", config.brokers);
    set(*conf, "client.id", config.client_id);
    // The default of 10 s would keep a broker that is back waiting for as long.
    set(*conf, "reconnect.backoff.ms", "50");
    set(*conf, "reconnect.backoff.max.ms", "500");
    if (role == client_role::producer)
        set_producer_defaults(*conf);
    for (const auto& [name, value] : config.properties) {
        if (const auto reason = refusal(name))
            throw std::runtime_error("Kafka property " + name + " may not be set: " + *reason);
        if (concerns(role, name))
            set(*conf, name.c_str(), value);
    }
    return conf;
}

client_ptr make_client(conf_ptr conf, client_role role) {
    std::array<char, 512> error{};
    const auto type = role == client_role::producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
    client_ptr client(rd_kafka_new(type, conf.get(), error.data(), error.size()));
    if (!client)
        throw std::runtime_error(error.data());
    static_cast<void>(conf.release()); // the client owns it now
    return client;
}

} // namespace millrace::kafka

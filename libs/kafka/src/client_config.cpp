// Which properties a user may set, and how librdkafka is told: each client gets those that concern its role
// only.
#include "millrace/kafka/client_config.hpp"

#include "client_conf.hpp"

#include <array>

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
constexpr std::string_view by_group =
    "it is chosen by millrace: it has to fit how events are handled and drained";
constexpr std::string_view by_redrive =
    "it is chosen by millrace: dead letters are redriven in transactions of one client a group";
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
    refused_property{"transactional.id", by_redrive},
    refused_property{"transaction.timeout.ms", by_redrive},
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
    refused_property{"client.id", "set kafka.client_id instead"},
    refused_property{"statistics.interval.ms",
                     "it is fixed: readiness and /status are made from these statistics"},
    refused_property{"reconnect.backoff.ms", "it is fixed: a broker that is back is used within a second"},
    refused_property{"reconnect.backoff.max.ms",
                     "it is fixed: a broker that is back is used within a second"},
    refused_property{"group.id", "set processor.group instead"},
    refused_property{"session.timeout.ms", by_group},
    refused_property{"heartbeat.interval.ms", by_group},
    refused_property{"max.poll.interval.ms", by_group},
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

} // namespace millrace::kafka

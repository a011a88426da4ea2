// Errors by name where the broker is known to have stored nothing; everything unforeseen is an unknown
// outcome.
#include "producer_outcome.hpp"

#include "millrace/kafka/error.hpp"

namespace millrace::kafka {
namespace {

/// Errors that librdkafka makes itself, without an answer of the broker.
bool is_local(rd_kafka_resp_err_t error) noexcept {
    return error > RD_KAFKA_RESP_ERR__BEGIN && error < RD_KAFKA_RESP_ERR__END;
}

/// librdkafka says NOT_PERSISTED: no retry is under way and no request with the record can have succeeded.
errc of_rejected(rd_kafka_resp_err_t error, bool led_by_another) noexcept {
    switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
        return errc::too_large;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return errc::unknown_topic;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        return errc::queue_full;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        return errc::not_allowed;
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
        return errc::refused;
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
        return errc::not_stored;
    default:
        // librdkafka calls an error of the broker that it does not know NOT_PERSISTED as well; but the broker
        // had the record then, and nobody knows how far it got.
        return is_local(error) && !led_by_another ? errc::not_stored : errc::outcome_unknown;
    }
}

} // namespace

error_code outcome(rd_kafka_resp_err_t error, rd_kafka_msg_status_t status, bool led_by_another) noexcept {
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        return {};
    return make_error_code(status == RD_KAFKA_MSG_STATUS_NOT_PERSISTED ? of_rejected(error, led_by_another)
                                                                       : errc::outcome_unknown);
}

} // namespace millrace::kafka

// The category of Kafka's errors, and the condition that each of them equals.
#include "millrace/kafka/error.hpp"

#include <librdkafka/rdkafka.h>

#include <string>

namespace millrace::kafka {
namespace {

condition condition_of(errc e) noexcept {
    switch (e) {
    case errc::too_large:
    case errc::refused:
        return condition::invalid_input;
    case errc::not_allowed:
        return condition::unauthorised;
    case errc::queue_full:
    case errc::search_ended:
        return condition::overloaded;
    case errc::outcome_unknown:
        return condition::outcome_unknown;
    case errc::unknown_topic:
    case errc::brokers_down:
    case errc::not_stored:
    case errc::closed:
        return condition::unavailable;
    case errc::fenced:
    case errc::unsupported:
        break;
    }
    return condition::fatal;
}

/// Of librdkafka's own errors. Most that a client meets pass by themselves, so that is what an unlisted one
/// is.
condition condition_of(rd_kafka_resp_err_t e) noexcept {
    switch (e) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
        return condition::timed_out;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        return condition::overloaded;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        return condition::unauthorised;
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
        return condition::invalid_input;
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
        return condition::fatal;
    default:
        return condition::unavailable;
    }
}

bool is_ours(int value) noexcept {
    return value >= static_cast<int>(errc::too_large) && value <= static_cast<int>(errc::search_ended);
}

std::string message_of(errc e) {
    switch (e) {
    case errc::too_large:
        return "the record is larger than the broker or the client allows";
    case errc::unknown_topic:
        return "the topic or partition does not exist";
    case errc::queue_full:
        return "too many records are waiting";
    case errc::brokers_down:
        return "no broker can be reached";
    case errc::outcome_unknown:
        return "the record may or may not have been stored";
    case errc::not_stored:
        return "the record was not stored";
    case errc::closed:
        return "the client is closing";
    case errc::refused:
        return "the broker refused the record";
    case errc::not_allowed:
        return "the broker does not let this client write to the topic";
    case errc::fenced:
        return "another client with the same transactional id has taken over";
    case errc::unsupported:
        return "the brokers do not support transactions";
    case errc::search_ended:
        return "there are more records than are looked through for one question";
    }
    return "unknown error";
}

class category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "kafka"; }

    std::string message(int value) const override {
        return is_ours(value) ? message_of(static_cast<errc>(value))
                              : rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(value));
    }

    boost::system::error_condition default_error_condition(int value) const noexcept override {
        return make_error_condition(is_ours(value) ? condition_of(static_cast<errc>(value))
                                                   : condition_of(static_cast<rd_kafka_resp_err_t>(value)));
    }
};

} // namespace

const boost::system::error_category& kafka_category() noexcept {
    static const category instance;
    return instance;
}

} // namespace millrace::kafka

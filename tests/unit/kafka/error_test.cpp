// Every error of Kafka equals one condition, and a report on a record one outcome.
#include "millrace/kafka/error.hpp"

#include "producer_outcome.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <string>

using namespace millrace;
using namespace millrace::kafka;

TEST_CASE("errors by name have the condition that the header gives, and a text") {
    const std::pair<errc, condition> table[] = {
        {errc::too_large, condition::invalid_input},
        {errc::unknown_topic, condition::unavailable},
        {errc::queue_full, condition::overloaded},
        {errc::brokers_down, condition::unavailable},
        {errc::outcome_unknown, condition::outcome_unknown},
        {errc::not_stored, condition::unavailable},
        {errc::closed, condition::unavailable},
        {errc::refused, condition::invalid_input},
    };
    std::set<std::string> texts;
    for (const auto& [e, c] : table) {
        const error_code code = e;
        CHECK(code == c);
        CHECK(texts.insert(code.message()).second);
    }
    CHECK_FALSE(error_code(errc::not_stored) == condition::outcome_unknown);
}

TEST_CASE("librdkafka's errors keep their text and equal a condition") {
    const std::pair<rd_kafka_resp_err_t, condition> table[] = {
        {RD_KAFKA_RESP_ERR__TRANSPORT, condition::unavailable},
        {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, condition::unavailable},
        {RD_KAFKA_RESP_ERR__TIMED_OUT, condition::timed_out},
        {RD_KAFKA_RESP_ERR__QUEUE_FULL, condition::overloaded},
        {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, condition::unauthorised},
        {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, condition::invalid_input},
        {RD_KAFKA_RESP_ERR__FATAL, condition::fatal},
        {RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, condition::unavailable},
    };
    for (const auto& [e, c] : table) {
        const error_code code(e, kafka_category());
        CHECK(code == c);
        CHECK(code.message() == rd_kafka_err2str(e));
    }
}

TEST_CASE("the outcome of a record") {
    constexpr auto not_persisted = RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
    constexpr auto possibly = RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED;
    constexpr auto persisted = RD_KAFKA_MSG_STATUS_PERSISTED;
    struct report {
        rd_kafka_resp_err_t error;
        rd_kafka_msg_status_t status;
        std::optional<errc> expected;
    };
    const report table[] = {
        {RD_KAFKA_RESP_ERR_NO_ERROR, persisted, {}},
        // never sent
        {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, not_persisted, errc::not_stored},
        {RD_KAFKA_RESP_ERR__PURGE_QUEUE, not_persisted, errc::not_stored},
        {RD_KAFKA_RESP_ERR__FATAL, not_persisted, errc::not_stored},
        {RD_KAFKA_RESP_ERR__QUEUE_FULL, not_persisted, errc::queue_full},
        {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, not_persisted, errc::unknown_topic},
        {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, not_persisted, errc::unknown_topic},
        // sent, and refused by the broker
        {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, not_persisted, errc::too_large},
        {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, not_persisted, errc::not_allowed},
        {RD_KAFKA_RESP_ERR_INVALID_RECORD, not_persisted, errc::refused},
        {RD_KAFKA_RESP_ERR_INVALID_MSG, not_persisted,
         errc::refused}, // newer librdkafka tries it again first
        // sent, and nobody knows
        {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, possibly, errc::outcome_unknown},
        {RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, possibly, errc::outcome_unknown},
        {RD_KAFKA_RESP_ERR__PURGE_QUEUE, possibly,
         errc::outcome_unknown}, // was sent, then queued for a retry
        {RD_KAFKA_RESP_ERR__TRANSPORT, possibly, errc::outcome_unknown},
        {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, possibly,
         errc::outcome_unknown}, // an earlier attempt may have…
        {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, persisted, errc::outcome_unknown},
        // the broker failed in a way that librdkafka does not know: it calls that not persisted
        {RD_KAFKA_RESP_ERR_UNKNOWN, not_persisted, errc::outcome_unknown},
        {RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, not_persisted, errc::outcome_unknown},
        // a broker says so as well of what it has appended, when it steps down
        {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, not_persisted, errc::outcome_unknown},
    };
    for (const auto& r : table) {
        const std::string error = rd_kafka_err2name(r.error);
        CAPTURE(error);
        const error_code told = outcome(r.error, r.status);
        if (r.expected)
            CHECK(told == *r.expected);
        else
            CHECK_FALSE(told);
    }
    // while another broker took over, what librdkafka says by itself counts for nothing; what a broker says
    // does
    CHECK(outcome(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, not_persisted, true) == errc::outcome_unknown);
    CHECK(outcome(RD_KAFKA_RESP_ERR__PURGE_QUEUE, not_persisted, true) == errc::outcome_unknown);
    CHECK(outcome(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, not_persisted, true) == errc::too_large);
    CHECK(outcome(RD_KAFKA_RESP_ERR__QUEUE_FULL, not_persisted, true) == errc::queue_full);
}

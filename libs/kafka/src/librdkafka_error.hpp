// librdkafka's error numbers as error codes: those with a name of their own by that name. Not part of the
// interface.
#pragma once

#include "millrace/kafka/error.hpp"

#include <librdkafka/rdkafka.h>

namespace millrace::kafka {

inline error_code to_error_code(rd_kafka_resp_err_t error) noexcept {
    switch (error) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        return errc::brokers_down;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return errc::unknown_topic;
    default:
        return {static_cast<int>(error), kafka_category()};
    }
}

} // namespace millrace::kafka

// Kafka's errors as error codes; each one equals one condition of core.
#pragma once

#include "millrace/core/error.hpp"

namespace millrace::kafka {

/// Those that need a name of their own. The value of every other error is librdkafka's (rd_kafka_resp_err_t),
/// in the same category.
enum class errc {
    too_large = 100'001,       ///< over message.max.bytes of the broker or client; invalid_input
    unknown_topic = 100'002,   ///< the topic or partition does not exist; unavailable
    queue_full = 100'003,      ///< a bound of ours or of librdkafka; overloaded
    brokers_down = 100'004,    ///< no broker can be reached; unavailable
    outcome_unknown = 100'005, ///< delivery failed after the record was handed to a socket; outcome_unknown
    not_stored = 100'006,      ///< delivery failed before the record was sent; unavailable
    closed = 100'007,          ///< the client is closing; unavailable
    refused = 100'008,         ///< the broker refused the record for good: invalid_input
    not_allowed = 100'009,     ///< the broker does not let this client write there: unauthorised
    fenced = 100'010,          ///< another client of the same transactional id has taken over; fatal
    unsupported = 100'011,     ///< the brokers do not know how; fatal
    search_ended =
        100'012, ///< as many records as allowed were looked through, and there are more; overloaded
};

const boost::system::error_category& kafka_category() noexcept;

inline error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), kafka_category()};
}

} // namespace millrace::kafka

template <>
struct boost::system::is_error_code_enum<millrace::kafka::errc> : std::true_type {};

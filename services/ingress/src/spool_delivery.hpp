// How the outcome of an event that is in the spool is told, beside those of Kafka: stored, at no place yet.
#pragma once

#include "millrace/kafka/publisher.hpp"

namespace millrace::ingress {

inline constexpr partition_id in_the_spool{-1};

inline kafka::delivery spooled_delivery(unix_ms received) noexcept {
    return {.error = {}, .partition = in_the_spool, .offset = record_offset{-1}, .timestamp = received};
}

inline bool is_spooled(const kafka::delivery& d) noexcept {
    return !d.error && d.partition == in_the_spool;
}

} // namespace millrace::ingress

// A record that was read, as the witness of its log.
#pragma once

#include "millrace/kafka/record.hpp"
#include "millrace/processor/log_identity.hpp"

namespace millrace::processor {

inline witness witness_of(const kafka::message& m) noexcept {
    return {m.offset(), m.timestamp(), checksum(m.key(), m.value())};
}

} // namespace millrace::processor

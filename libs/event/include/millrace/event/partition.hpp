// Which partition an event without a key goes to: a retry meets the first, whatever program sends it.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::event {

/// MurmurHash2 of 32 bits with Kafka's seed: what the default partitioners of its clients make of a key
/// (org.apache.kafka.common.utils.Utils.murmur2).
std::uint32_t murmur2(std::string_view octets) noexcept;

/// Kafka's `(murmur2(bytes) & 0x7fffffff) % partitions`, where the bytes are those of the source, one zero
/// byte, and those of the id, all UTF-8: no attribute of an event can contain a zero byte. `partitions` is at
/// least 1.
std::int32_t partition_of(std::string_view source, std::string_view id, std::int32_t partitions) noexcept;

} // namespace millrace::event

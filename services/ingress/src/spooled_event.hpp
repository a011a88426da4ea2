// An event on its way through the spool: all that its record in Kafka will need, owned. docs/spool.md
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/field.hpp"
#include "millrace/core/types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

struct spooled_event {
    std::uint64_t seq = 0; ///< its place in the spool, from 1; given by the store, never again to another
    std::string topic;
    std::optional<std::string> key;
    std::string value;
    std::string headers; ///< of the record, as `pack` writes them
    unix_ms received;    ///< the record's timestamp

    std::string id;
    std::string source;
    std::string poster;          ///< name of the credential, for the idempotency window
    bool id_from_client = false; ///< without a key it goes to the partition of its source and id
    bool known_by_key = false;   ///< the window knows it by its Idempotency-Key

    /// What it counts for in `spool.max_bytes`: with what a row takes besides.
    std::size_t bytes() const noexcept {
        return topic.size() + (key ? key->size() : 0) + value.size() + headers.size() + id.size() +
               source.size() + poster.size() + row_overhead;
    }

    static constexpr std::size_t row_overhead = 128;
};

/// Where an event of the spool lies in Kafka.
struct settled_event {
    std::uint64_t seq = 0;
    partition_id partition{};
    record_offset offset{};
    unix_ms timestamp;
    std::uint64_t bytes = 0; ///< of the room that is free again
};

/// What the spool knows of an id.
struct spool_receipt {
    std::string id;
    std::string source;
    std::string topic;
    bool stored = false; ///< else it waits
    partition_id partition{};
    record_offset offset{};
    unix_ms timestamp;
};

/// Names and values, each behind its size in four bytes, little-endian.
std::string pack(std::span<const field> headers);

/// Appends views into `packed`. False where it is not what `pack` writes.
bool unpack(std::string_view packed, std::vector<field>& to);

} // namespace millrace::ingress

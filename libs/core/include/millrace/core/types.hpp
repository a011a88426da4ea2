// Names of places in Kafka. A topic, a partition and an offset together are the coordinates of one record.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace millrace {

/// Number of a partition within its topic, from 0.
enum class partition_id : std::int32_t {};

/// Position of a record within its partition, from 0.
enum class record_offset : std::int64_t {};

constexpr std::int32_t value(partition_id p) noexcept {
    return static_cast<std::int32_t>(p);
}
constexpr std::int64_t value(record_offset o) noexcept {
    return static_cast<std::int64_t>(o);
}
constexpr record_offset next(record_offset o) noexcept {
    return static_cast<record_offset>(value(o) + 1);
}

struct topic_partition {
    std::string topic;
    partition_id partition{};

    auto operator<=>(const topic_partition&) const = default;
};

struct coordinates {
    std::string topic;
    partition_id partition{};
    record_offset offset{};

    auto operator<=>(const coordinates&) const = default;
};

} // namespace millrace

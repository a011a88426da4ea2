// A record on its way to Kafka, and one read from it.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/field.hpp"
#include "millrace/core/types.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

struct rd_kafka_message_s; // librdkafka's message

namespace millrace::kafka {

/// To be published. Everything is copied by `publisher::send`.
struct outgoing {
    std::optional<std::string_view> key;
    std::optional<std::string_view> value = std::string_view{}; ///< none: a Kafka null, which is not empty
    std::span<const field> headers;
    unix_ms timestamp;
    std::optional<partition_id>
        partition; ///< none: by murmur2 of the key; without a key, the sticky partition
};

/// A record that was read. Owns librdkafka's message, nothing is copied; move-only; may be destroyed on any
/// thread, but before the consumer that it came from.
class message {
  public:
    message() noexcept = default;
    explicit message(rd_kafka_message_s* owned) noexcept : native_(owned) {}
    message(message&& other) noexcept : native_(std::exchange(other.native_, nullptr)) {}
    message& operator=(message&& other) noexcept {
        std::swap(native_, other.native_);
        return *this;
    }
    ~message() {
        if (native_ != nullptr)
            destroy();
    }

    explicit operator bool() const noexcept { return native_ != nullptr; }

    /// Gives it up: librdkafka's again, which is how a record that comes back is lent.
    rd_kafka_message_s* release() noexcept { return std::exchange(native_, nullptr); }

    // Of a message that is not empty:
    std::string_view topic() const noexcept;
    partition_id partition() const noexcept;
    record_offset offset() const noexcept;
    unix_ms timestamp() const noexcept; ///< 0 where the record has none
    std::optional<std::string_view> key() const noexcept;
    std::optional<std::string_view> value() const noexcept; ///< none: a Kafka null
    std::size_t size() const noexcept;                      ///< of key and value, in bytes
    /// Appends the record's headers; views live as long as the message.
    void headers(std::vector<field>& to) const;

  private:
    void destroy() noexcept;

    rd_kafka_message_s* native_ = nullptr;
};

} // namespace millrace::kafka

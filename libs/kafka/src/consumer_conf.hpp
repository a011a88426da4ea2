// How a member of a group is configured and made. Not part of the interface.
#pragma once

#include "handles.hpp"
#include "millrace/kafka/consumer.hpp"

#include <memory>
#include <string>

namespace millrace::kafka {

/// The assignor that is sound with that version of librdkafka (rd_kafka_version()): "cooperative-sticky" or
/// "range".
const char* sound_assignor(int library_version) noexcept;

/// Without closing the consumer once more, which would block. It blocks for some milliseconds; at most five
/// seconds.
void destroy_consumer(rd_kafka_t* client) noexcept;
using consumer_ptr = std::unique_ptr<rd_kafka_t, destroy_with<destroy_consumer>>;

/// A client with one queue for the group's events and, at first, its messages. Throws std::runtime_error with
/// librdkafka's message.
consumer_ptr make_consumer(const consumer_config& config, const std::string& assignor);

} // namespace millrace::kafka

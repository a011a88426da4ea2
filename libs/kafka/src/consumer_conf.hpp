// How a member of a group is configured. Not part of the interface.
#pragma once

#include "handles.hpp"
#include "millrace/kafka/consumer.hpp"

#include <string>

namespace millrace::kafka {

/// The assignor that is sound with that version of librdkafka (rd_kafka_version()): "cooperative-sticky" or
/// "range".
const char* sound_assignor(int library_version) noexcept;

/// Throws std::runtime_error with librdkafka's message.
conf_ptr make_consumer_conf(const consumer_config& config, const std::string& assignor);

} // namespace millrace::kafka

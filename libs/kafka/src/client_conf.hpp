// librdkafka's configuration objects, made from ours. Not part of the interface.
#pragma once

#include "handles.hpp"
#include "millrace/kafka/client_config.hpp"

#include <optional>
#include <string>

namespace millrace::kafka {

enum class client_role { producer, consumer };

/// With brokers, client id, and those of the properties that concern the role. Throws std::runtime_error with
/// librdkafka's message.
conf_ptr make_conf(const client_config& config, client_role role);

/// Nothing where librdkafka takes the value, else its message.
std::optional<std::string> try_set(rd_kafka_conf_t& conf, const char* name, const char* value);

/// Sets what a client of ours decides itself. Throws std::runtime_error with librdkafka's message.
void set(rd_kafka_conf_t& conf, const char* name, const std::string& value);

/// Makes the client, which takes the configuration. Throws std::runtime_error with librdkafka's message.
client_ptr make_client(conf_ptr conf, client_role role);

} // namespace millrace::kafka

// What every librdkafka client of this process is told.
#pragma once

#include "millrace/core/error.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::kafka {

struct client_config {
    std::string brokers = "127.0.0.1:9092"; ///< bootstrap servers, host:port, comma-separated
    std::string client_id = "millrace";
    std::map<std::string, std::string> properties; ///< any property of librdkafka that is not refused
};

/// Why the property may not be set by hand: it would break the promise (acks, enable.idempotence, …) or is
/// set by another setting, which the text names. Nothing where it may.
std::optional<std::string> refusal(std::string_view property);

/// Whether librdkafka takes the property with that value; its own message where it does not.
std::optional<std::string> check_property(const std::string& name, const std::string& value);

/// e.g. "2.0.2".
std::string library_version();

} // namespace millrace::kafka

// What a value has to look like. Each says what is wrong with it, as the end of a sentence, or nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::settings {

using problem = std::optional<std::string>;

problem not_empty(std::string_view value);
problem source_problem(std::string_view value);  ///< CloudEvents `source`: a URI reference
problem type_problem(std::string_view value);    ///< CloudEvents `type`
problem listen_problem(std::string_view value);  ///< host:port, [v6]:port
problem brokers_problem(std::string_view value); ///< host:port,host:port
problem topic_problem(std::string_view value);   ///< a legal Kafka topic name
problem url_problem(std::string_view value);     ///< empty, or http(s)://host[:port][/path]

problem property_problem(std::string_view name, std::string_view value);
bool property_is_secret(std::string_view name);

} // namespace millrace::settings

// The two sources of values, each of which fills the tree and reports what it could not use.
#pragma once

#include "config_node.hpp"
#include "toml_document.hpp"

namespace millrace::runtime {

void apply_document(config_node& root, const toml_document& document, config_report& report);

void apply_environment(config_node& root, const char* const* variables, std::string_view prefix,
                       config_report& report);

/// Every key that can be named, in tables with names of the user's those that are there and the sample's.
std::vector<std::string> variable_names(const config_node& root, std::string_view prefix);

} // namespace millrace::runtime

// The tree as text, for --print-config and for documentation.
#pragma once

#include "config_node.hpp"

namespace millrace::runtime {

std::string toml_value_of(const config_node& node, bool masked);

std::string print_toml(const config_node& root);

std::vector<key_description> describe_keys(const config_node& root, std::string_view prefix);

} // namespace millrace::runtime

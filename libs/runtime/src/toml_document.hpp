// A TOML file as plain values with their lines, so that only one translation unit sees toml++.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millrace::runtime {

struct toml_entry;
struct toml_date {}; ///< dates and times: nothing of ours is one
using toml_array = std::vector<struct toml_value>;
using toml_table = std::vector<toml_entry>;

struct toml_value {
    std::variant<toml_date, std::string, std::int64_t, double, bool, toml_array, toml_table> is;
};

struct toml_entry {
    std::string key;
    std::size_t line = 0;
    toml_value value;
};

struct toml_error {
    std::size_t line = 0;
    std::string text;
};

struct toml_document {
    toml_table root; ///< what could be read
    std::vector<toml_error> errors;
};

/// Goes on after a mistake that is confined to its line, so that one file shows more than one.
toml_document parse_toml(std::string_view text);

/// "a string", "an integer", …
std::string_view type_name(const toml_value& value);

} // namespace millrace::runtime

// The formats of JSON Schema draft 7, section 7.3, that are checked, and draft 2019-09's uuid.
#pragma once

#include <string_view>

namespace millrace::event {

struct string_format {
    std::string_view name;
    bool (*matches)(std::string_view text) noexcept;
};

/// Null where the format is not known.
const string_format* find_format(std::string_view name) noexcept;

} // namespace millrace::event

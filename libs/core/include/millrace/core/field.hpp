// A name and its value: a header of HTTP or of a Kafka record, as views.
#pragma once

#include <string_view>

namespace millrace {

/// Of a Kafka header, a null value (`value.data() == nullptr`) differs from an empty one.
struct field {
    std::string_view name;
    std::string_view value;
};

} // namespace millrace

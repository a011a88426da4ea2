// Partitions as the log names them.
#pragma once

#include "millrace/core/types.hpp"

#include <span>
#include <string>

namespace millrace::processor {

inline std::string list(std::span<const topic_partition> partitions) {
    std::string text;
    for (const topic_partition& p : partitions)
        text.append(text.empty() ? "" : " ")
            .append(p.topic)
            .append("/")
            .append(std::to_string(value(p.partition)));
    return text.empty() ? "none" : text;
}

} // namespace millrace::processor

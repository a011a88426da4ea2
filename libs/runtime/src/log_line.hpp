// How a line of the log looks: as text for people, as a JSON object for machines. No I/O.
#pragma once

#include "millrace/runtime/log.hpp"

#include <span>
#include <string>
#include <string_view>

namespace millrace::runtime {

struct log_style {
    std::string service;
    bool json = false;
    bool colour = false; ///< text only: the level in the colours of a terminal
};

/// With its end of line.
std::string log_line(const log_style& style, level l, std::string_view message, std::span<const fact> facts);

} // namespace millrace::runtime

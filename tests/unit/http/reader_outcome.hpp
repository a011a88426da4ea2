// What a message_reader makes of octets, for tables of cases.
#pragma once

#include "message_reader.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::http::testing {

struct outcome {
    unsigned status = 0; ///< 0: wants more
    std::string code;
    std::vector<std::string> requests; ///< "METHOD path?query body", in order
    bool keep_alive = false;           ///< of the last
    std::uint64_t most_buffered = 0;

    bool operator==(const outcome&) const = default;
};

struct setting {
    message_parser::limits limits{1'024, 100'000};
    std::size_t budget = 1'000'000;
    std::size_t piece = std::string::npos; ///< octets that arrive at a time
};

outcome read(std::string_view octets, const setting& s = {});

std::string get(std::string_view headers, std::string_view version = "HTTP/1.1",
                std::string_view target = "/");
std::string chunked(std::string_view body);

} // namespace millrace::http::testing

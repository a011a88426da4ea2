// What the fuzz targets share: an input is lines, an empty line, and a body, so that a corpus can be read and
// written by hand; and an expectation that ends the program.
#pragma once

#include "millrace/core/field.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace millrace::fuzz {

struct input {
    std::vector<std::string_view> lines;
    std::string_view body; ///< after the first empty line

    /// The line of that number, or empty.
    std::string_view line(std::size_t number) const noexcept {
        return number < lines.size() ? lines[number] : std::string_view{};
    }
    /// "name: value" each, from the line of that number on. Others are left out.
    std::vector<field> fields(std::size_t from) const {
        std::vector<field> found;
        for (std::size_t i = from; i < lines.size(); ++i)
            if (const auto colon = lines[i].find(": "); colon != std::string_view::npos)
                found.push_back({lines[i].substr(0, colon), lines[i].substr(colon + 2)});
        return found;
    }
};

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
    return size == 0 ? std::string_view{""} : std::string_view(reinterpret_cast<const char*>(data), size);
}

inline input read(const std::uint8_t* data, std::size_t size) {
    input made;
    std::string_view rest = text_of(data, size);
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        const bool last = line.size() == rest.size();
        rest.remove_prefix(line.size() + (last ? 0 : 1));
        if (line.empty()) {
            made.body = rest;
            break;
        }
        made.lines.push_back(line);
    }
    return made;
}

/// A rule that holds for every input. Its violation is a finding, as a crash is.
inline void expect(bool holds, const char* rule) noexcept {
    if (holds)
        return;
    std::fprintf(stderr, "broken rule: %s\n", rule);
    std::abort();
}

} // namespace millrace::fuzz

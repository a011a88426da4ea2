#pragma once

#include <charconv>
#include <cstddef>

namespace millrace {

template <class T>
std::optional<T> parse_number(std::string_view text) noexcept {
    T value{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

template <class Range>
std::string_view nearest(std::string_view name, const Range& candidates) {
    std::string_view best;
    std::size_t best_distance = name.size() / 3 + 2;
    for (const auto& candidate : candidates) {
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

} // namespace millrace

// Numbers as hexadecimal digits, for ids that are made for every event.
#pragma once

#include <cstdint>
#include <span>

namespace millrace {

/// All 16 digits, lower case, the most significant first.
void write_hex(std::span<char, 16> to, std::uint64_t number) noexcept;

} // namespace millrace

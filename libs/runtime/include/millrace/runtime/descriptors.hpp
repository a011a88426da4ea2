// Descriptors are what connections are made of: the process asks for as many as it may use, and keeps some
// for itself, so that clients cannot take those by which it reaches the broker.
#pragma once

#include <cstdint>

namespace millrace::runtime {

/// How many of `wanted` connections a limit of that many descriptors allows, with a reserve for the process
/// itself (at most half of them); at least one.
std::uint64_t connections_within(std::uint64_t descriptors, std::uint64_t wanted,
                                 std::uint64_t reserve) noexcept;

/// Raises the process's own (soft) limit as far as it may and needs; returns the connections that it can then
/// take, and warns where these are fewer than wanted.
std::uint64_t make_room_for(std::uint64_t connections, std::uint64_t reserve);

} // namespace millrace::runtime

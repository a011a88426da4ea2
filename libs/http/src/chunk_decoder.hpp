// The chunked transfer coding (RFC 9112, section 7.1), octet by octet: needs no buffer and takes any split.
// Beast's own looks at a chunk's line as a whole, and asserts on a last chunk that arrives in pieces
// (Boost 1.81).
#pragma once

#include "millrace/http/problem.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::http {

class chunk_decoder {
  public:
    /// `most_body` octets of data in all, and as much framing as `most_framing` besides a few octets a chunk.
    chunk_decoder(std::size_t most_body, std::size_t most_framing)
        : most_body_(most_body), most_framing_(most_framing) {}

    /// Takes octets off `in` up to and with the next piece of data, which may be empty, or a fault. Call it
    /// until `in` is empty or `done`.
    std::optional<problem> next(std::string_view& in, std::string_view& data);

    bool done() const noexcept { return state_ == state::done; }

    /// All that it has taken, data and framing.
    std::uint64_t taken() const noexcept { return framing_ + body_ - size_; }

  private:
    enum class state {
        first_digit,
        digits,
        blank,
        extension, ///< after its semicolon
        extension_name,
        extension_named,
        extension_value, ///< after its equals sign
        extension_token,
        extension_text, ///< in quotes
        extension_pair,
        extension_end,
        size_feed,
        data,
        data_return,
        data_feed,
        line,
        name,
        value,
        value_feed,
        last_feed,
        done,
        bad
    };

    state after(char c) noexcept;
    state after_extension(char c) noexcept;
    state after_whole_extension(char c) noexcept;
    state after_digit(int digit) noexcept;

    std::size_t most_body_;
    std::size_t most_framing_;
    state state_ = state::first_digit;
    std::uint64_t size_ = 0; ///< of this chunk, what is left of it
    std::uint64_t body_ = 0; ///< of all chunks
    std::size_t framing_ = 0;
    std::size_t chunks_ = 0;
    bool too_large_ = false;
};

} // namespace millrace::http

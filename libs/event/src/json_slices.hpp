// Cuts text that is known to be JSON into slices, without changing or copying a byte of it. Given anything
// else it stays within the text, but what it finds means nothing.
#pragma once

#include "text_arena.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace millrace::event {

/// Without the white space of RFC 8259, section 2, at both ends.
std::string_view trim_json(std::string_view text) noexcept;

/// The members of an object or the elements of an array, one after the other.
class json_items {
  public:
    /// `container` starts with its bracket or brace.
    explicit json_items(std::string_view container) noexcept;

    bool next_element(std::string_view& value) noexcept;
    bool next_member(std::string_view& name,
                     std::string_view& value) noexcept; ///< name: the string with its quotes

  private:
    void skip_space() noexcept;
    bool at_end() noexcept;

    std::string_view text_;
    std::size_t at_ = 1;
};

/// Of the string whose opening quote is at `at`: the position after its closing quote.
std::size_t end_of_json_string(std::string_view text, std::size_t at) noexcept;

/// What a string (given with its quotes) says, in UTF-8: a slice of it, or in `arena` where it has escapes.
/// Nothing where it escapes half of a surrogate pair, which JSON allows and UTF-8 does not.
std::optional<std::string_view> text_of_json_string(std::string_view quoted, text_arena& arena);

} // namespace millrace::event

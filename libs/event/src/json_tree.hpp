// A JSON text as a tree that cannot be changed: few allocations, members sorted by name. Given a text that is
// not JSON it stays within the text, but what it finds means nothing.
#pragma once

#include "text_arena.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::event {

enum class json_kind : std::uint8_t { null, boolean, number, string, array, object };

class json_value {
  public:
    json_value() = default;
    json_value(json_kind kind, std::string_view text) noexcept
        : begin_(text.data()), size_(static_cast<std::uint32_t>(text.size())), kind_(kind) {}

    json_kind kind() const noexcept { return kind_; }
    /// What a string says, or how a number, true or false is spelled. A string that escapes half of a
    /// surrogate pair, which UTF-8 cannot say, is given as it is spelled, without quotes. Of a container: "".
    std::string_view text() const noexcept { return {begin_, kind_ < json_kind::array ? size_ : 0}; }
    /// Elements or members.
    std::size_t size() const noexcept { return size_; }

  private:
    friend class json_tree;
    const char* begin_ = "";
    std::uint32_t size_ = 0;
    std::uint32_t first_ = 0; // of its elements or members
    json_kind kind_ = json_kind::null;
};

struct json_member {
    json_value name;
    json_value value;
};

class json_tree {
  public:
    /// Names given twice are listed up to this number.
    static constexpr std::size_t max_twice = 16;

    /// Keeps views of `text`, which has less than 4 GiB.
    explicit json_tree(std::string_view text);

    const json_value& root() const noexcept { return root_; }
    std::span<const json_value> elements(const json_value& array) const noexcept;
    std::span<const json_member>
    members(const json_value& object) const noexcept; ///< by name, octet by octet
    const json_value* find(const json_value& object, std::string_view name) const noexcept;

    /// Pointers to members whose name an object has twice: which of them counts is anybody's guess.
    const std::vector<std::string>& twice() const noexcept { return twice_; }

  private:
    struct open_container {
        std::size_t first;
        bool is_object;
        json_value name; // of the member whose value comes next
        bool has_name;
    };

    void add(const json_value& value);
    json_value read_string(std::string_view quoted);
    json_value close();
    void note_twice(std::span<const json_member> sorted);

    json_value root_;
    std::vector<json_value> elements_;
    std::vector<json_member> members_;
    std::vector<std::string> twice_;
    text_arena arena_;
    std::vector<open_container> open_;  // while reading: the containers around the current place
    std::vector<json_member> unclosed_; // and what they hold so far
};

/// Appends "/" and the name, escaped (RFC 6901, section 3).
void append_to_pointer(std::string& pointer, std::string_view name);

} // namespace millrace::event

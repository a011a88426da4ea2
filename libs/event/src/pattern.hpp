// Regular expressions of JSON Schema (ECMA 262, with the u flag), matched by RE2 in time that grows no faster
// than the text, whatever the expression.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace millrace::event {

class pattern {
  public:
    /// Null where the expression is wrong or says what RE2 cannot (look-around, back-references): `problem`
    /// says what.
    static std::unique_ptr<const pattern> compile(std::string_view ecma, std::string& problem);
    ~pattern();
    pattern(const pattern&) = delete;
    pattern& operator=(const pattern&) = delete;

    /// Anywhere in `text`, which is UTF-8.
    bool found_in(std::string_view text) const;
    /// A measure of what one character of text costs at worst.
    std::size_t size() const noexcept { return size_; }
    const std::string& source() const noexcept { return source_; }

  private:
    pattern(std::string_view source, std::unique_ptr<const re2::RE2> made, std::size_t size);

    std::string source_;
    std::unique_ptr<const re2::RE2> compiled_;
    std::size_t size_;
};

/// The same expression as RE2 spells it; empty where it cannot be said, and `problem` says why.
std::string to_re2(std::string_view ecma, std::string& problem);

} // namespace millrace::event

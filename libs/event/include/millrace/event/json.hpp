// Is this text JSON? RFC 8259, UTF-8 only, depth bounded. The bytes themselves are never changed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace millrace::event {

struct json_error {
    std::size_t offset = 0; ///< of the byte at which it stopped being JSON
    std::string detail;     ///< one sentence
};

/// Reuses its memory; one a loop.
class json_checker {
  public:
    explicit json_checker(std::size_t max_depth);
    ~json_checker();
    json_checker(const json_checker&) = delete;
    json_checker& operator=(const json_checker&) = delete;

    /// Exactly one JSON value, white space around it allowed.
    bool check(std::string_view text);

    /// Why the last check failed.
    const json_error& error() const noexcept;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::event

// Where a delivery keeps a value, as the configuration says it: "header NAME" or "body /json/pointer". No
// I/O.
#pragma once

#include "millrace/http/request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// The one header of that name; nothing where there is none or several, for two readers could take two
/// different ones.
std::optional<std::string_view> only_header(const http::request& of, std::string_view name);

class hook_place {
  public:
    /// `text` is what settings take.
    explicit hook_place(std::string_view text);

    /// Nothing where the delivery has no value there, an empty one, or several. A body is known to be JSON.
    std::optional<std::string> value_in(const http::request& delivery) const;

    bool in_body() const noexcept { return header_.empty(); }

    /// "the header X-Id", "/id of the body": for sentences.
    std::string name() const;

  private:
    std::string header_; ///< empty: in the body
    std::string pointer_;
    std::vector<std::string> tokens_;
};

} // namespace millrace::ingress

// Which web pages may post, and read the answers: CORS, the Fetch standard's section 3.3. No I/O.
#pragma once

#include "millrace/core/field.hpp"
#include "millrace/http/request.hpp"
#include "millrace/settings/settings.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::ingress {

/// Immutable; any thread. Pages are never told to send credentials that a browser keeps (cookies, TLS
/// certificates): there is no Access-Control-Allow-Credentials. Keys and tokens are headers of the page's
/// own.
class cors {
  public:
    cors() = default; ///< no page may
    explicit cors(const settings::cors& from);

    /// Headers, as views that live as long as the request and this.
    struct answer_headers {
        std::array<field, 3> all;
        std::size_t count = 0;

        std::span<const field> span() const noexcept { return {all.data(), count}; }
    };

    /// Of any answer to this request, a refusal too: without them a page cannot read why.
    answer_headers of_answer(const http::request& request) const noexcept;

    /// Further ones of the answer to OPTIONS, which is 2xx as it always is; none unless the request is a
    /// preflight from an allowed origin.
    std::vector<std::pair<std::string, std::string>> of_preflight(const http::request& request) const;

  private:
    bool allows(std::string_view origin) const noexcept;

    std::vector<std::string> origins_;
    bool any_ = false;
    std::string max_age_;
};

} // namespace millrace::ingress

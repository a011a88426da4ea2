// Why a request may not post, in the words of the contract (section 2.2).
#pragma once

#include "millrace/http/problem.hpp"
#include "rate_limiter.hpp"

#include <string>
#include <string_view>

namespace millrace::ingress {

http::problem no_credentials();
http::problem wrong_credentials(std::string_view why); ///< a sentence
http::problem wrong_token(std::string_view why);       ///< "it has expired"
http::problem not_for_topic(std::string_view topic);
http::problem forbidden(std::string detail);
http::problem rate_limited(std::string_view whose, rate allowed, wait_time wait);

} // namespace millrace::ingress

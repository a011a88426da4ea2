// Problems that several pages of the processor have in common.
#pragma once

#include "millrace/core/error.hpp"
#include "millrace/http/problem.hpp"

#include <string>

namespace millrace::processor {

http::problem malformed(std::string detail);                              ///< 400
http::problem not_found(std::string detail);                              ///< 404
http::problem overloaded(std::string detail);                             ///< 503
http::problem draining();                                                 ///< 503
http::problem kafka_away(const std::string& what, const error_code& why); ///< 503; `what` could not be done

} // namespace millrace::processor

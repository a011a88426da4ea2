// The page at / and what it is made of: src/dashboard/, compiled into the program.
#pragma once

#include "millrace/http/router.hpp"

namespace millrace::processor {

/// GET / and GET /dashboard/{file}.
void add_dashboard(http::router& to);

} // namespace millrace::processor

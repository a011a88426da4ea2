// GET /openapi.json: what this service takes and answers, as OpenAPI 3.1. The document is openapi.json beside
// this file, compiled in.
#pragma once

#include "millrace/http/request.hpp"

namespace millrace::processor {

void say_openapi(http::exchange& e);

} // namespace millrace::processor

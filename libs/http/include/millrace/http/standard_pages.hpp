// What every service says about itself in the same words: alive, ready, version.
#pragma once

#include "millrace/http/problem.hpp"
#include "millrace/http/request.hpp"

#include <string_view>
#include <vector>

namespace millrace::http {

/// 200 with `application/json`.
void respond_json(exchange& to, std::string_view body);

/// GET /healthz: this loop runs.
void say_alive(exchange& to);

/// GET /readyz: 200 where nothing fails; else 503 `not_ready`, `meaning` (a sentence) and the failing checks
/// named.
void say_ready(exchange& to, std::string_view meaning, const std::vector<problem::error>& failing);

/// GET /version. `librdkafka` is its version.
void say_version(exchange& to, std::string_view name, std::string_view librdkafka);

} // namespace millrace::http

// What the ingress says about itself: health, readiness, version, metrics.
#pragma once

#include "millrace/http/problem.hpp"
#include "millrace/http/request.hpp"

#include <string_view>
#include <vector>

namespace millrace::ingress {

struct shared_state;

void say_ready(http::exchange& e, const std::vector<http::problem::error>& failing);
void say_version(http::exchange& e);
/// OPTIONS on an endpoint of events: its methods, and the media types that it takes.
void say_what_is_taken(http::exchange& e, std::string_view allowed, std::string_view taken);

/// `ready` as /readyz of this loop would say.
void say_metrics(http::exchange& e, const shared_state& shared, bool ready);

http::problem unknown_topic(std::string_view name);

} // namespace millrace::ingress

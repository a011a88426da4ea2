// What the processor says about itself: health, readiness, version, status, metrics.
#pragma once

#include "dead_letters.hpp"
#include "millrace/http/request.hpp"
#include "millrace/http/server.hpp"
#include "pipeline.hpp"

namespace millrace::processor {

void say_ready(http::exchange& e, const pipeline& events);
void say_version(http::exchange& e);
void say_status(http::exchange& e, const pipeline& events);
void say_metrics(http::exchange& e, const pipeline& events, std::size_t receipts_held, std::size_t streams,
                 std::uint64_t letters_redriven, const http::server_stats& server);

} // namespace millrace::processor

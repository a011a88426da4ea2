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
/// What the services around the pipeline count.
struct page_counts {
    std::size_t receipts_held = 0;
    std::size_t streams = 0;
    std::uint64_t letters_redriven = 0;
};
void say_metrics(http::exchange& e, const pipeline& events, const handler& by, const page_counts& counts,
                 const http::server_stats& server);

} // namespace millrace::processor

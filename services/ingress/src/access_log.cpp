#include "access_log.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace millrace::ingress {
namespace {

using runtime::level;

constexpr std::array<std::string_view, 9> methods = {"POST",   "GET",     "HEAD",  "OPTIONS", "PUT",
                                                     "DELETE", "CONNECT", "TRACE", "PATCH"};
constexpr std::array<std::string_view, 4> probed = {"/readyz", "/healthz", "/metrics", "/version"};

level level_of(const http::exchange_summary& answered) noexcept {
    if (std::ranges::find(probed, answered.route) != probed.end())
        return level::debug;
    return answered.status >= 500 ? level::warn : level::info;
}

/// What a client made up may be of any length.
std::string_view method_of(const http::request& request) noexcept {
    return std::ranges::find(methods, request.method) != methods.end() ? request.method : "other";
}

/// To the microsecond. A request that did not parse may lack some of its times.
double milliseconds_between(steady_time from, steady_time to) noexcept {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
    return from == steady_time{} || us < 0 ? 0.0 : static_cast<double>(us) / 1000.0;
}

} // namespace

access_log::access_log(std::uint64_t lines_per_second, loop_metrics& counts)
    : sampler_(lines_per_second), counts_(counts) {
    facts_.reserve(16); // more than a line has
}

void access_log::write(const http::exchange_summary& answered) noexcept {
    const level l = level_of(answered);
    if (!sampler_.on() || !runtime::enabled(l))
        return;
    const auto left_out = sampler_.take(answered.written, answered.status >= 500);
    if (!left_out)
        return counts_.access_left_out.add();
    counts_.access_lines.add();
    const http::request& request = answered.request;
    const http::exchange_notes& notes = answered.notes;
    facts_.clear();
    facts_.emplace_back("method", method_of(request));
    facts_.emplace_back("route", answered.route);
    facts_.emplace_back("status", answered.status);
    facts_.emplace_back("peer", request.peer);
    if (!notes.poster.empty())
        facts_.emplace_back("poster", notes.poster);
    if (notes.trace_id.front() != '\0')
        facts_.emplace_back("trace_id", std::string_view(notes.trace_id.data(), notes.trace_id.size()));
    facts_.emplace_back("events", notes.events);
    facts_.emplace_back("bytes_in", answered.request_bytes);
    facts_.emplace_back("bytes_out", answered.response_bytes);
    facts_.emplace_back("read_ms", milliseconds_between(answered.started, request.received));
    facts_.emplace_back("wait_ms", milliseconds_between(request.received, answered.answered));
    facts_.emplace_back("write_ms", milliseconds_between(answered.answered, answered.written));
    if (*left_out > 0)
        facts_.emplace_back("left_out", *left_out);
    runtime::log_facts(l, "Request answered", facts_, runtime::when_full::drop);
}

} // namespace millrace::ingress

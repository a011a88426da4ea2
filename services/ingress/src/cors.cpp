#include "cors.hpp"

#include "millrace/core/text.hpp"

#include <algorithm>

namespace millrace::ingress {
namespace {

constexpr std::string_view exposed = "Location, Retry-After, Idempotency-Replayed";

// What the forms of an event and the credentials need; besides these the attributes of CloudEvents.
constexpr std::array<std::string_view, 7> request_headers = {
    "authorization", "content-encoding", "content-type", "idempotency-key",
    "traceparent",   "tracestate",       "x-api-key"};

bool is_taken(std::string_view header) {
    const bool plain = std::ranges::all_of(header, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
    return plain && ((header.size() > 3 && iequals(header.substr(0, 3), "ce-")) ||
                     std::ranges::any_of(request_headers,
                                         [&](std::string_view known) { return iequals(header, known); }));
}

/// Those of the page's headers that may be sent, as it wrote them.
std::string taken_of(std::string_view wanted) {
    std::string out;
    while (!wanted.empty()) {
        const auto comma = wanted.find(',');
        if (const auto name = trim(wanted.substr(0, comma)); is_taken(name))
            out.append(out.empty() ? "" : ", ").append(name);
        wanted = comma == std::string_view::npos ? std::string_view{} : wanted.substr(comma + 1);
    }
    return out;
}

} // namespace

cors::cors(const settings::cors& from)
    : origins_(from.allowed_origins),
      any_(std::ranges::find(origins_, "*") != origins_.end()),
      max_age_(std::to_string(from.max_age_seconds)) {}

bool cors::allows(std::string_view origin) const noexcept {
    return !origin.empty() && (any_ || std::ranges::find(origins_, origin) != origins_.end());
}

cors::answer_headers cors::of_answer(const http::request& request) const noexcept {
    answer_headers out;
    if (origins_.empty())
        return out;
    const auto add = [&](std::string_view name, std::string_view value) {
        out.all[out.count++] = {name, value};
    };
    if (!any_) // a cache must not give one origin's answer to another, nor to none
        add("Vary", "Origin");
    const std::string_view origin = request.header("origin");
    if (!allows(origin))
        return out;
    add("Access-Control-Allow-Origin", any_ ? "*" : origin);
    add("Access-Control-Expose-Headers", exposed);
    return out;
}

std::vector<std::pair<std::string, std::string>> cors::of_preflight(const http::request& request) const {
    std::vector<std::pair<std::string, std::string>> out;
    if (origins_.empty() || !allows(request.header("origin")) ||
        request.header("access-control-request-method") != "POST")
        return out;
    out.emplace_back("Access-Control-Allow-Methods", "POST");
    if (std::string headers = taken_of(request.header("access-control-request-headers")); !headers.empty())
        out.emplace_back("Access-Control-Allow-Headers", std::move(headers));
    out.emplace_back("Access-Control-Max-Age", max_age_);
    return out;
}

} // namespace millrace::ingress

#include "delivery_verdict.hpp"

#include "millrace/core/text.hpp"
#include "millrace/http/date.hpp"

#include <algorithm>

namespace millrace::processor {
namespace {

constexpr std::int64_t longest_s = 366 * 24 * 3'600; // what is longer is as long as anybody waits

bool may_work_later(unsigned status) {
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

// A target's own words, as far as they are text: they go into a header of the dead letter and into the log.
std::string quoted(std::string_view body) {
    std::string text;
    for (const char c : body)
        text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    while (!text.empty() && !is_utf8(text)) // its end may be cut
        text.pop_back();
    return std::string(trim(text));
}

} // namespace

std::optional<milliseconds> parse_retry_after(std::string_view value, unix_ms now) {
    value = trim(value);
    const bool digits =
        !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    if (digits) {
        const auto seconds = parse_number<std::int64_t>(value);
        return milliseconds{std::min(seconds.value_or(longest_s), longest_s) * 1'000};
    }
    const auto date = http::parse_http_date(value);
    if (!date)
        return std::nullopt;
    return milliseconds{std::clamp(date->value - now.value, std::int64_t{0}, longest_s * 1'000)};
}

std::string_view class_of(const error_code& error) noexcept {
    if (error.category() != http::client_category())
        return "connection";
    switch (static_cast<http::client_errc>(error.value())) {
    case http::client_errc::timed_out:
        return "timeout";
    case http::client_errc::unresolved:
    case http::client_errc::unreachable:
        return "connect";
    case http::client_errc::tls_refused:
        return "tls";
    case http::client_errc::malformed:
        return "bad_answer";
    case http::client_errc::interrupted:
        break;
    }
    return "connection";
}

verdict judge(const http::client_answer& answer, unix_ms now) {
    verdict out;
    if (answer.error) {
        out.what = outcome::kind::retry;
        out.error_class = class_of(answer.error);
        out.message = answer.detail;
        out.target_works = false;
        out.sent = out.error_class != "connect" && out.error_class != "tls";
        return out;
    }
    if (answer.status < 300)
        return out;
    out.what = may_work_later(answer.status) ? outcome::kind::retry : outcome::kind::terminal;
    out.error_class = "http_" + std::to_string(answer.status);
    out.message = "The target answered " + std::to_string(answer.status) + ".";
    if (const std::string said = quoted(answer.body); !said.empty())
        out.message.append(" ").append(said);
    out.target_works = answer.status < 500;
    if (out.what == outcome::kind::retry)
        out.after = parse_retry_after(answer.retry_after, now);
    return out;
}

} // namespace millrace::processor

// The text that a scrape gets. Prometheus text format 0.0.4; OpenMetrics 1.0.0, sections "Text format" and
// "Metric types". They differ in the name of a counter's family, in escaping within HELP, and in the end.
#include "millrace/core/text.hpp"
#include "millrace/runtime/metrics.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace millrace::runtime {
namespace {

constexpr std::string_view prometheus_type = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view openmetrics_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";

void append_escaped(std::string& to, std::string_view text, bool quotes_too) {
    for (const char c : text) {
        if (c == '\n') {
            to += "\\n";
            continue;
        }
        if (c == '\\' || (c == '"' && quotes_too))
            to += '\\';
        to += c;
    }
}

using millrace::append_number;

void append_number(std::string& to, double value) {
    if (std::isnan(value)) {
        to += "NaN";
    } else if (std::isinf(value)) {
        to += value > 0 ? "+Inf" : "-Inf";
    } else {
        std::array<char, 32> digits{};
        to.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
    }
}

/// A bound as OpenMetrics wants it and Prometheus 3 stores it: `0.0001`, `1.0`.
std::string bound_seconds(std::uint64_t us) {
    std::array<char, 64> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                   static_cast<double>(us) / 1e6, std::chars_format::fixed)
                         .ptr;
    std::string text(digits.data(), end);
    if (text.find('.') == std::string::npos)
        text += ".0";
    return text;
}

/// One element of Accept (RFC 9110, section 12.5.1).
struct media_range {
    std::string_view type;
    double weight = 1.0; ///< 0 where it is malformed
    bool other_version = false;
};

void read_parameter(std::string_view parameter, media_range& of) {
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos)
        return;
    const auto name = trim(parameter.substr(0, equals));
    const auto value = trim(parameter.substr(equals + 1));
    if (iequals(name, "q")) {
        const double q = parse_number<double>(value).value_or(0.0);
        of.weight = q >= 0.0 && q <= 1.0 ? q : 0.0; // NaN too
    } else if (iequals(name, "version")) {
        of.other_version = value != "1.0.0" && value != "\"1.0.0\"";
    }
}

media_range read_media_range(std::string_view element) {
    auto semicolon = element.find(';');
    media_range found{.type = trim(element.substr(0, semicolon))};
    while (semicolon != std::string_view::npos) {
        element.remove_prefix(semicolon + 1);
        semicolon = element.find(';');
        read_parameter(trim(element.substr(0, semicolon)), found);
    }
    return found;
}

} // namespace

exposition::exposition(format f) : format_(f) {
    text_.reserve(16 * 1024);
}

exposition::format exposition::negotiate(std::string_view accept) noexcept {
    double openmetrics = 0.0;
    double text = 0.0;
    int text_named = 0; // a type counts more than its half, and that more than */*
    const auto names_text = [&](int how_exactly, double weight) {
        text = how_exactly > text_named ? weight : std::max(text, weight);
        text_named = how_exactly;
    };
    while (!accept.empty()) {
        const auto comma = accept.find(',');
        const media_range range = read_media_range(accept.substr(0, comma));
        if (iequals(range.type, "application/openmetrics-text") && !range.other_version)
            openmetrics = std::max(openmetrics, range.weight);
        else if (iequals(range.type, "text/plain"))
            names_text(3, range.weight);
        else if (iequals(range.type, "text/*") && text_named <= 2)
            names_text(2, range.weight);
        else if (range.type == "*/*" && text_named <= 1)
            names_text(1, range.weight);
        accept = comma == std::string_view::npos ? std::string_view{} : accept.substr(comma + 1);
    }
    return openmetrics > 0.0 && openmetrics >= text ? format::openmetrics : format::prometheus;
}

void exposition::family(kind k, std::string_view name, std::string_view help) {
    kind_ = k;
    name_ = name;
    const bool open = format_ == format::openmetrics;
    const std::string_view suffix = k == kind::counter && !open ? "_total" : "";
    text_.append("# HELP ").append(name_).append(suffix).append(" ");
    append_escaped(text_, help, open);
    text_.append("\n# TYPE ").append(name_).append(suffix);
    text_ += k == kind::counter ? " counter\n" : k == kind::gauge ? " gauge\n" : " histogram\n";
}

void exposition::write_name(std::string_view suffix, std::span<const field> labels, std::string_view le) {
    text_.append(name_).append(suffix);
    if (!labels.empty() || !le.empty()) {
        char separator = '{';
        const auto label = [&](std::string_view name, std::string_view value) {
            text_ += separator;
            text_.append(name).append("=\"");
            append_escaped(text_, value, true);
            text_ += '"';
            separator = ',';
        };
        for (const field& l : labels)
            label(l.name, l.value);
        if (!le.empty())
            label("le", le);
        text_ += '}';
    }
    text_ += ' ';
}

void exposition::sample(std::uint64_t value, std::initializer_list<field> labels) {
    write_name(kind_ == kind::counter ? "_total" : "", labels, {});
    append_number(text_, value);
    text_ += '\n';
}

void exposition::sample(double value, std::initializer_list<field> labels) {
    write_name(kind_ == kind::counter ? "_total" : "", labels, {});
    append_number(text_, value);
    text_ += '\n';
}

void exposition::sample(const latency_histogram& value, std::initializer_list<field> labels) {
    static const auto bounds = [] {
        std::array<std::string, latency_histogram::bounds_us.size() + 1> out;
        for (std::size_t i = 0; i < latency_histogram::bounds_us.size(); ++i)
            out[i] = bound_seconds(latency_histogram::bounds_us[i]);
        out.back() = "+Inf";
        return out;
    }();
    // One reading of the buckets: the count is their sum, so that +Inf and _count cannot disagree.
    const auto counts = value.buckets();
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        total += counts[i];
        write_name("_bucket", labels, bounds[i]);
        append_number(text_, total);
        text_ += '\n';
    }
    write_name("_sum", labels, {});
    append_number(text_, static_cast<double>(value.sum_us()) / 1e6);
    text_ += '\n';
    write_name("_count", labels, {});
    append_number(text_, total);
    text_ += '\n';
}

std::string_view exposition::content_type() const noexcept {
    return format_ == format::openmetrics ? openmetrics_type : prometheus_type;
}

std::string exposition::finish() && {
    if (format_ == format::openmetrics)
        text_ += "# EOF\n";
    return std::move(text_);
}

} // namespace millrace::runtime

#include "log_line.hpp"

#include "millrace/core/clock.hpp"
#include "millrace/core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace millrace::runtime {
namespace {

struct level_text {
    std::string_view json;
    std::string_view text; ///< all of one width: what follows them stands in a column
    std::string_view colour;
};

constexpr std::array<level_text, 5> level_texts = {{{"trace", "trace  ", "\x1b[37m"},
                                                    {"debug", "debug  ", "\x1b[36m"},
                                                    {"info", "info   ", "\x1b[32m"},
                                                    {"warn", "warning", "\x1b[33m\x1b[1m"},
                                                    {"error", "error  ", "\x1b[31m\x1b[1m"}}};
constexpr std::string_view colour_end = "\x1b[m";

const level_text& texts_of(level l) noexcept {
    return level_texts[static_cast<std::size_t>(l)];
}

/// Octets that are not UTF-8 would make the line unreadable for every JSON parser.
std::string made_utf8(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x80)
            out += c;
        else
            out += "\xEF\xBF\xBD"; // U+FFFD
    }
    return out;
}

void append_quoted(std::string& to, std::string_view text) {
    if (is_utf8(text))
        append_json_string(to, text);
    else
        append_json_string(to, made_utf8(text));
}

bool is_control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// A message is quoted only where it could break the line, a value also where its end could not be seen.
void append_text(std::string& to, std::string_view text, std::string_view quoted_for) {
    const bool plain = is_utf8(text) && std::none_of(text.begin(), text.end(), is_control) &&
                       text.find_first_of(quoted_for) == std::string_view::npos;
    if (plain)
        to += text;
    else
        append_quoted(to, text);
}

using millrace::append_number;

/// JSON has no word for what is not finite.
void append_number(std::string& to, double n) {
    if (!std::isfinite(n)) {
        to += "null";
        return;
    }
    std::array<char, 32> digits{};
    to.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr);
}

void append_text_value(std::string& to, std::string_view value) {
    if (value.empty())
        to += "\"\"";
    else
        append_text(to, value, " \"=");
}

void append_text_value(std::string& to, auto number) {
    append_number(to, number);
}

void append_json_value(std::string& to, std::string_view value) {
    append_quoted(to, value);
}

void append_json_value(std::string& to, auto number) {
    append_number(to, number);
}

std::string text_line(const log_style& style, level l, std::string_view message,
                      std::span<const fact> facts) {
    std::string line = to_rfc3339(system_now());
    line += ' ';
    if (style.colour)
        line.append(texts_of(l).colour).append(texts_of(l).text).append(colour_end);
    else
        line += texts_of(l).text;
    line += ' ';
    append_text(line, message, "");
    for (const fact& f : facts) {
        line.append(" ").append(f.name).append("=");
        std::visit([&](auto value) { append_text_value(line, value); }, f.value);
    }
    return line;
}

std::string json_line(const log_style& style, level l, std::string_view message,
                      std::span<const fact> facts) {
    std::string line = "{\"time\":\"" + to_rfc3339(system_now()) + "\",\"level\":\"";
    line.append(texts_of(l).json).append("\",\"service\":");
    append_quoted(line, style.service);
    line += ",\"message\":";
    append_quoted(line, message);
    for (const fact& f : facts) {
        line += ',';
        append_quoted(line, f.name);
        line += ':';
        std::visit([&](auto value) { append_json_value(line, value); }, f.value);
    }
    line += '}';
    return line;
}

} // namespace

std::optional<level> level_named(std::string_view name) noexcept {
    const auto found = std::ranges::find(level_texts, name, &level_text::json);
    if (found == level_texts.end())
        return std::nullopt;
    return static_cast<level>(found - level_texts.begin());
}

std::string log_line(const log_style& style, level l, std::string_view message, std::span<const fact> facts) {
    std::string line = style.json ? json_line(style, l, message, facts) : text_line(style, l, message, facts);
    line += '\n';
    return line;
}

} // namespace millrace::runtime

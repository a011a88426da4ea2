// One line a message. The line is made here, spdlog writes it: one write(2) under its mutex.
#include "millrace/runtime/log.hpp"

#include "millrace/core/clock.hpp"
#include "millrace/core/text.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>

namespace millrace::runtime {
namespace {

constexpr std::array<std::string_view, 5> level_names = {"trace", "debug", "info", "warn", "error"};

struct log_state {
    std::shared_ptr<spdlog::logger> lines; ///< its level is always trace: `at_least` decides
    std::string service;
    bool json = false;
};

std::atomic<level> at_least{level::info};

log_state make_state(std::string_view service, bool json) {
    log_state s;
    s.service = service;
    s.json = json;
    if (json) {
        s.lines =
            std::make_shared<spdlog::logger>("millrace", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        s.lines->set_pattern("%v");
    } else { // coloured on a terminal only
        s.lines = std::make_shared<spdlog::logger>("millrace",
                                                   std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
        s.lines->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v", spdlog::pattern_time_type::utc);
    }
    s.lines->set_level(spdlog::level::trace);
    return s;
}

log_state& state() {
    static log_state s = make_state("millrace", false);
    return s;
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

std::string text_line(std::string_view message, std::initializer_list<field> facts) {
    std::string line;
    append_text(line, message, "");
    for (const field& f : facts) {
        line.append(" ").append(f.name).append("=");
        if (f.value.empty())
            line += "\"\"";
        else
            append_text(line, f.value, " \"=");
    }
    return line;
}

std::string json_line(level l, std::string_view message, std::initializer_list<field> facts) {
    std::string line = "{\"time\":\"" + to_rfc3339(system_now()) + "\",\"level\":\"";
    line.append(level_names[static_cast<std::size_t>(l)]).append("\",\"service\":");
    append_quoted(line, state().service);
    line += ",\"message\":";
    append_quoted(line, message);
    for (const field& f : facts) {
        line += ',';
        append_quoted(line, f.name);
        line += ':';
        append_quoted(line, f.value);
    }
    line += '}';
    return line;
}

} // namespace

std::optional<level> level_named(std::string_view name) noexcept {
    const auto found = std::find(level_names.begin(), level_names.end(), name);
    if (found == level_names.end())
        return std::nullopt;
    return static_cast<level>(found - level_names.begin());
}

void start_log(std::string_view service, level lowest, bool json) {
    state() = make_state(service, json);
    at_least = lowest;
}

bool enabled(level l) noexcept {
    return l >= at_least.load(std::memory_order_relaxed);
}

void log(level l, std::string_view message, std::initializer_list<field> facts) noexcept {
    if (!enabled(l))
        return;
    try {
        const std::string line = state().json ? json_line(l, message, facts) : text_line(message, facts);
        state().lines->log(static_cast<spdlog::level::level_enum>(l), spdlog::string_view_t(line));
    } catch (...) { // no memory for a line: say at least that one is missing
        constexpr std::string_view lost = "a log line was lost\n";
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, lost.data(), lost.size());
    }
}

void flush_log() noexcept {
    try {
        state().lines->flush();
    } catch (...) { // standard error is gone: there is nobody left to tell
    }
}

} // namespace millrace::runtime

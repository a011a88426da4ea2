// The log of the process: its level, its style, and its writer on standard error.
#include "millrace/runtime/log.hpp"

#include "line_writer.hpp"
#include "log_line.hpp"

#include <unistd.h>

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <string>

namespace millrace::runtime {
namespace {

std::atomic<level> at_least{level::info};

struct log_state {
    log_state(std::string_view service, bool json)
        : style{std::string(service), json, ::isatty(STDERR_FILENO) == 1},
          lines(STDERR_FILENO, {}, [this](std::uint64_t dropped) {
              const fact count{"lines", dropped};
              return log_line(style, level::warn,
                              "Log lines were dropped: standard error is read too slowly, or not at all",
                              {&count, 1});
          }) {}

    log_style style;
    line_writer lines;
};

std::unique_ptr<log_state>& started() {
    static std::unique_ptr<log_state> s;
    return s;
}

/// Null only where there is no memory, or no thread can be had, for a log that was not started.
log_state* state() noexcept {
    static std::once_flag made;
    try {
        std::call_once(made, [] {
            if (!started())
                started() = std::make_unique<log_state>("millrace", false);
        });
    } catch (const std::exception&) { // the next line tries again
    }
    return started().get();
}

} // namespace

void start_log(std::string_view service, level lowest, bool json) {
    started().reset(); // writes what it still has
    started() = std::make_unique<log_state>(service, json);
    set_log_level(lowest);
}

void set_log_level(level lowest) noexcept {
    at_least.store(lowest, std::memory_order_relaxed);
}

bool enabled(level l) noexcept {
    return l >= at_least.load(std::memory_order_relaxed);
}

void log(level l, std::string_view message, std::initializer_list<fact> facts) noexcept {
    log_facts(l, message, {facts.begin(), facts.size()}, when_full::wait);
}

void log_facts(level l, std::string_view message, std::span<const fact> facts, when_full then) noexcept {
    if (!enabled(l))
        return;
    log_state* const to = state();
    if (to == nullptr)
        return;
    try {
        to->lines.put(log_line(to->style, l, message, facts), then);
    } catch (const std::exception&) { // no memory for it
        to->lines.lose();
    }
}

void flush_log() noexcept {
    if (log_state* const to = state())
        to->lines.flush();
}

std::uint64_t log_lines_dropped() noexcept {
    const log_state* const from = state();
    return from == nullptr ? 0 : from->lines.dropped();
}

} // namespace millrace::runtime

// Logging for people and for machines: lines on standard error, as text or as one JSON object each.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace millrace::runtime {

enum class level { trace, debug, info, warn, error };

/// The level that a configuration names: "trace", "debug", "info", "warn" or "error".
std::optional<level> level_named(std::string_view name) noexcept;

/// What a line says besides its sentence. A number is one in JSON too. Views: lives as long as the call.
struct fact {
    fact(std::string_view n, std::string_view text) noexcept : name(n), value(text) {}
    fact(std::string_view n, std::unsigned_integral auto number) noexcept
        : name(n), value(std::uint64_t{number}) {}
    fact(std::string_view n, std::signed_integral auto number) noexcept
        : name(n), value(std::int64_t{number}) {}
    fact(std::string_view n, double number) noexcept : name(n), value(number) {}

    std::string_view name;
    std::variant<std::string_view, std::uint64_t, std::int64_t, double> value;
};

/// To be called once, before the first line of another thread. `service` is in every JSON line. Without it,
/// lines from `info` up are written as text.
void start_log(std::string_view service, level at_least, bool json);

/// From now on, lines of that level and above are written. Any thread, at any time.
void set_log_level(level at_least) noexcept;

/// Whether a line of that level is written: to ask before making an expensive one. Costs one load.
bool enabled(level l) noexcept;

/// What becomes of a line where standard error takes nothing more and a mebibyte of lines waits already.
/// `wait`: it waits for room, at most 100 ms; once one has waited in vain, lines are dropped until there is
/// room. `drop`: it never waits. How many were dropped is said in a line of its own.
enum class when_full { wait, drop };

/// One line: a sentence and its facts. Thread-safe. Never throws. Any octets are safe: what could break a
/// line or a terminal is escaped. A fact is not named time, level, service or message: those are JSON's own
/// members.
void log(level l, std::string_view message, std::initializer_list<fact> facts = {}) noexcept;
void log_facts(level l, std::string_view message, std::span<const fact> facts, when_full then) noexcept;

/// Waits until what was said so far is written, at most a second. The end of the process does it too.
void flush_log() noexcept;

/// Lines that were dropped since the start of the process.
std::uint64_t log_lines_dropped() noexcept;

} // namespace millrace::runtime

// Logging for people and for machines: spdlog to standard error, as text or as one JSON object a line.
#pragma once

#include "millrace/core/field.hpp"

#include <initializer_list>
#include <optional>
#include <string_view>

namespace millrace::runtime {

enum class level { trace, debug, info, warn, error };

/// The level that a configuration names: "trace", "debug", "info", "warn" or "error".
std::optional<level> level_named(std::string_view name) noexcept;

/// To be called once, before the first line of another thread. `service` is in every JSON line. Without it,
/// lines from `info` up are written as text.
void start_log(std::string_view service, level at_least, bool json);

/// Whether a line of that level is written: to ask before making an expensive one.
bool enabled(level l) noexcept;

/// One line: a sentence and its facts. Thread-safe. Never throws. Any octets are safe: what could break a
/// line or a terminal is escaped. A fact is not named time, level, service or message: those are JSON's own
/// members.
void log(level l, std::string_view message, std::initializer_list<field> facts = {}) noexcept;

/// Writes out what is buffered.
void flush_log() noexcept;

} // namespace millrace::runtime

// Logging for people and for machines: spdlog to standard error, as text or as one JSON object a line.
#pragma once

#include "millrace/core/field.hpp"

#include <initializer_list>
#include <string_view>

namespace millrace::runtime {

enum class level { trace, debug, info, warn, error };

/// To be called once, before the first line. `service` is in every JSON line.
void start_log(std::string_view service, level at_least, bool json);

/// Whether a line of that level is written: to ask before making an expensive one.
bool enabled(level l) noexcept;

/// One line: a sentence and its facts. Thread-safe. Never throws.
void log(level l, std::string_view message, std::initializer_list<field> facts = {}) noexcept;

/// Writes out what is buffered.
void flush_log() noexcept;

} // namespace millrace::runtime

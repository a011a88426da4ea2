// The keys of how a failed event is tried again.
#include "rules.hpp"
#include "schema.hpp"

namespace millrace::settings {
namespace {

using runtime::config_section;

constexpr std::uint64_t hour_ms = 3'600'000;

void declare_retry_class(config_section s, retry_class& to) {
    s.number(
        "max_attempts", to.max_attempts,
        {"How often an event is tried whose last error was of this class. 0: as `[processor.retry]` says.", 0,
         1'000});
    s.number("initial_backoff_ms", to.initial_backoff_ms,
             {"Longest wait before the second attempt. 0: as `[processor.retry]` says.", 0, hour_ms, "ms"});
    s.number("max_backoff_ms", to.max_backoff_ms,
             {"Longest wait before any attempt. 0: as `[processor.retry]` says.", 0, 24 * hour_ms, "ms"});
    s.flag("terminal", to.terminal, "Whether such an event is not tried again but dead-lettered at once.");
}

} // namespace

void declare_retry(config_section s, retry& to) {
    s.number("max_attempts", to.max_attempts,
             {"How often an event is tried before it goes to the dead-letter topic.", 1, 1'000});
    s.number("initial_backoff_ms", to.initial_backoff_ms,
             {"Longest wait before the second attempt; it doubles with each, a random part of it is waited.",
              1, hour_ms, "ms"});
    s.number("max_backoff_ms", to.max_backoff_ms,
             {"Longest wait before any attempt.", 1, 24 * hour_ms, "ms"});
    s.tables<retry_class>("classes", to.classes,
                          {"How events fare whose last error was of the class NAME, such as `timeout`; what "
                           "it leaves out is as in `[processor.retry]`.",
                           name_problem},
                          declare_retry_class);
}

} // namespace millrace::settings

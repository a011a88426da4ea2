// Which keys there are, and the rules that need more than one of them.
#pragma once

#include "millrace/runtime/config.hpp"
#include "millrace/settings/settings.hpp"

namespace millrace::settings {

/// Binds every key of a configuration to its member of `to`, which outlives `c`.
void declare(runtime::config& c, file& to);

/// Parts of it: who may post; webhooks; retries; handlers.
void declare_access(runtime::config_section root, file& to);
void declare_hooks(runtime::config_section root, file& to);
void declare_handlers(runtime::config_section root, file& to);
void declare_retry(runtime::config_section s, retry& to);

/// Fills in what follows from other values (the topic "events" where none is named), then checks across keys.
void complete(runtime::config& c, file& of);

} // namespace millrace::settings

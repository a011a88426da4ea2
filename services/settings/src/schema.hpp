// Which keys there are, and the rules that need more than one of them.
#pragma once

#include "millrace/runtime/config.hpp"
#include "millrace/settings/settings.hpp"

#include <string>
#include <vector>

namespace millrace::settings {

/// Binds every key of a configuration to its member of `to`, which outlives `c`.
void declare(runtime::config& c, file& to);

/// Parts of it: who may post; webhooks; retries; handlers; the spool.
void declare_access(runtime::config_section root, file& to);
void declare_hooks(runtime::config_section root, file& to);
void declare_handlers(runtime::config_section root, file& to);
void declare_retry(runtime::config_section s, retry& to);
void declare_http_handler(runtime::config_section s, http_handler& to);
void declare_spool(runtime::config_section root, file& to);

/// Fills in what follows from other values (the topic "events" where none is named), then checks across keys.
void complete(runtime::config& c, file& of);

/// Parts of it. `read_secret_files` adds what the files hold to `secrets`; `key` is the one to blame.
void complete_http_handler(runtime::config& c, const std::string& handler, http_handler& of);
void read_secret_files(runtime::config& c, const std::string& key, const std::vector<std::string>& files,
                       std::vector<std::string>& secrets);

} // namespace millrace::settings

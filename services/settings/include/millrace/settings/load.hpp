// From command line, file and environment to settings, or to a page of errors: contract section 4.
#pragma once

#include "millrace/settings/settings.hpp"

#include <optional>
#include <string>

namespace millrace::settings {

enum class service { ingress, processor };

/// What to do after the command line was read: run with `settings`, or print `text` and exit with `exit_code`
/// (--help, --version, --check-config, --print-config; on standard error where the code is not 0).
struct loaded {
    std::optional<file> settings;
    std::string text;
    int exit_code = 0;
    std::string warnings; ///< one a line, to be logged: e.g. an environment variable that names no setting
};

/// `environment` is the process's (envp), taken as an argument so that no library looks at it. Never throws.
loaded load(service s, int argc, const char* const* argv, const char* const* environment);

} // namespace millrace::settings

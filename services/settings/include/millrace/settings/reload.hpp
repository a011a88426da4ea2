// Which settings may change while a service runs: docs/configuration.md, "Changing it while it runs".
#pragma once

#include "millrace/settings/settings.hpp"

#include <string>
#include <vector>

namespace millrace::settings {

/// `running` with what may change taken from `fresh`.
file reloaded(const file& running, const file& fresh);

/// The sections in which `fresh` differs from `running` by more than that: they wait for the next start.
std::vector<std::string> waiting_for_restart(const file& running, const file& fresh);

} // namespace millrace::settings

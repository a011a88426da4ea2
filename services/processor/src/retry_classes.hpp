// The retry policies that the settings name.
#pragma once

#include "millrace/processor/retry_policy.hpp"
#include "millrace/settings/settings.hpp"

namespace millrace::processor {

/// A class has what it leaves out from the common policy; a terminal one has one attempt.
retry_policies policies_of(const settings::retry& from);

} // namespace millrace::processor

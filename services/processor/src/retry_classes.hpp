// The retry policies that the settings name.
#pragma once

#include "millrace/processor/retry_policy.hpp"
#include "millrace/settings/settings.hpp"

namespace millrace::processor {

/// A class has what it leaves out from the common policy; a terminal one has one attempt.
/// `max_retry_after`: how long a handler may ask an event to wait.
retry_policies policies_of(const settings::retry& from, milliseconds max_retry_after);

} // namespace millrace::processor

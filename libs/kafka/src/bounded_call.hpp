// A call that usually returns and may never: made on a thread of its own, and given up after a while.
#pragma once

#include "millrace/core/clock.hpp"

#include <functional>

namespace millrace::kafka {

/// Makes the call on another thread and waits for it. False when it had not returned within `patience`: its
/// thread is then left to itself, and may go on for as long as the process lives, so the call owns whatever
/// it uses. Where no thread can be had, it is made on this one. The call does not throw.
bool returns_within(milliseconds patience, std::function<void()> call);

} // namespace millrace::kafka

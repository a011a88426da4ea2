// The spool's part of /metrics.
#pragma once

#include "millrace/runtime/metrics.hpp"

namespace millrace::ingress {

class spool;

/// Zeros where there is none: `of` is null.
void write_spool(runtime::exposition& to, const spool* of);

} // namespace millrace::ingress

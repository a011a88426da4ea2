// The dev broker at work: an in-memory Kafka to try things out, made of librdkafka's mock cluster.
#pragma once

#include "millrace/devbroker/options.hpp"

#include <iosfwd>

namespace millrace::devbroker {

/// Serves until SIGINT or SIGTERM. Announces the address and the limits on `out`, and the address alone in
/// the bootstrap file, which appears complete, when clients may connect, and is removed at the end. Throws
/// std::exception with a message for people where it cannot begin.
void run(const options& with, std::ostream& out);

} // namespace millrace::devbroker

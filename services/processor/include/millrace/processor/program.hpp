// A processor as a whole program: what the `main` of millrace-processor is, and that of one with a handler of
// your own.
#pragma once

#include "millrace/processor/service.hpp"

namespace millrace::processor {

/// Reads the settings (command line, file, environment: docs/configuration.md), starts the log and processes
/// until SIGTERM or SIGINT. Returns the exit status: 0 after an ordered end, 1 where it cannot run, 2 for
/// settings that are wrong; the reason is on standard error. With `make_handler`, `processor.handler` is not
/// looked at. To be called once, on the main thread.
int run_program(int argc, const char* const* argv, const char* const* environment,
                const handler_factory& make_handler = {});

} // namespace millrace::processor

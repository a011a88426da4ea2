// The command line of the dev broker.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace millrace::devbroker {

struct topic {
    std::string name;
    int partitions = 0;

    bool operator==(const topic&) const = default;
};

struct options {
    std::vector<topic> topics;  ///< events:6 and events.dlq:6 where none is named
    std::string bootstrap_file; ///< none where empty
};

/// Options to run with; or, without them, what to print and how to exit: help with 0, mistakes with 2.
struct parsed {
    std::optional<devbroker::options> options;
    std::string text;
    int exit_code = 0;
};

/// Of the arguments after the program's name. All mistakes are reported together.
parsed parse(std::span<const char* const> arguments);

} // namespace millrace::devbroker

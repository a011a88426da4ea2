// millrace-devbroker: options in, a broker in memory out.
#include "millrace/devbroker/run.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    using namespace millrace;
    const auto count = static_cast<std::size_t>(argc > 0 ? argc - 1 : 0);
    const devbroker::parsed parsed = devbroker::parse(std::span<const char* const>(argv + 1, count));
    if (!parsed.options) {
        (parsed.exit_code == 0 ? std::cout : std::cerr) << parsed.text << std::flush;
        return parsed.exit_code;
    }
    try {
        devbroker::run(*parsed.options, std::cout);
    } catch (const std::exception& problem) {
        std::cerr << "millrace-devbroker: " << problem.what() << std::endl;
        return 1;
    }
    return 0;
}

// millrace-ingress: settings in, service out.
#include "millrace/ingress/service.hpp"
#include "millrace/runtime/log.hpp"
#include "millrace/settings/load.hpp"

#include <unistd.h>

#include <exception>
#include <iostream>
#include <sstream>
#include <string>

int main(int argc, char** argv) {
    using namespace millrace;
    const settings::loaded loaded = settings::load(settings::service::ingress, argc, argv, environ);
    if (!loaded.settings) {
        (loaded.exit_code == 0 ? std::cout : std::cerr) << loaded.text << std::flush;
        return loaded.exit_code;
    }
    const settings::log& log = loaded.settings->log;
    runtime::start_log("millrace-ingress", runtime::level_named(log.level).value_or(runtime::level::info),
                       log.format == "json");
    std::istringstream warnings(loaded.warnings);
    for (std::string line; std::getline(warnings, line);)
        runtime::log(runtime::level::warn, line);
    try {
        const auto load_again = [&] {
            return settings::load(settings::service::ingress, argc, argv, environ);
        };
        ingress::service(*loaded.settings, load_again).run(true);
    } catch (const std::exception& problem) {
        runtime::log(runtime::level::error, "millrace-ingress cannot run", {{"reason", problem.what()}});
        return 1;
    }
    return 0;
}

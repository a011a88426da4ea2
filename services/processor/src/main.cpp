// millrace-processor: settings in, service out.
#include "millrace/processor/service.hpp"
#include "millrace/runtime/log.hpp"
#include "millrace/settings/load.hpp"

#include <unistd.h>

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    using namespace millrace;
    const settings::loaded loaded = settings::load(settings::service::processor, argc, argv, environ);
    if (!loaded.settings) {
        (loaded.exit_code == 0 ? std::cout : std::cerr) << loaded.text << std::flush;
        return loaded.exit_code;
    }
    const settings::log& log = loaded.settings->log;
    runtime::start_log("millrace-processor", runtime::level_named(log.level).value_or(runtime::level::info),
                       log.format == "json");
    if (!loaded.warnings.empty())
        runtime::log(runtime::level::warn, loaded.warnings);
    try {
        processor::service(*loaded.settings).run(true);
    } catch (const std::exception& problem) {
        runtime::log(runtime::level::error, "millrace-processor cannot run", {{"reason", problem.what()}});
        return 1;
    }
    return 0;
}

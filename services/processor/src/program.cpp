#include "millrace/processor/program.hpp"

#include "millrace/runtime/log.hpp"
#include "millrace/settings/load.hpp"

#include <exception>
#include <iostream>

namespace millrace::processor {

int run_program(int argc, const char* const* argv, const char* const* environment,
                const handler_factory& make_handler) {
    const settings::loaded loaded = settings::load(settings::service::processor, argc, argv, environment);
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
        service(*loaded.settings, make_handler).run(true);
    } catch (const std::exception& problem) {
        runtime::log(runtime::level::error, "millrace-processor cannot run", {{"reason", problem.what()}});
        return 1;
    }
    return 0;
}

} // namespace millrace::processor

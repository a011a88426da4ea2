#include "reload.hpp"

#include "millrace/runtime/log.hpp"
#include "millrace/settings/reload.hpp"

#include <boost/asio/post.hpp>

#include <exception>
#include <sstream>
#include <string>
#include <utility>

namespace millrace::ingress {
namespace {

using runtime::level;

void log_lines(level importance, const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        runtime::log(importance, line);
}

void log_refusal(const std::string& text) {
    log_lines(level::error, text);
    runtime::log(level::error,
                 "The configuration was not reloaded: all of the old stays in force. Mend what is "
                 "said above and send SIGHUP again");
}

/// Everything that may change, or nothing where any of it is unusable.
std::optional<in_force> read_all(const reload_source& source, const in_force& running) {
    const settings::loaded fresh = source();
    log_lines(level::warn, fresh.warnings);
    if (!fresh.settings) {
        log_refusal(fresh.text);
        return std::nullopt;
    }
    for (const std::string& section : settings::waiting_for_restart(running.settings, *fresh.settings))
        runtime::log(level::warn,
                     "A change waits for the next start: it cannot be made while the service runs",
                     {{"section", section}});
    settings::file next = settings::reloaded(running.settings, *fresh.settings);
    rules_or_errors made = make_rules(next, running.rules.get());
    if (!made.rules) {
        std::string text;
        for (const std::string& error : made.errors)
            text += error + "\n";
        log_refusal(text);
        return std::nullopt;
    }
    return in_force{std::move(next), std::move(made.rules)};
}

} // namespace

reloader::reloader(boost::asio::io_context& loop, reload_source source, owner told)
    : loop_(loop), source_(std::move(source)), owner_(std::move(told)) {}

reloader::~reloader() = default;

void reloader::start() {
    if (std::exchange(under_way_, true)) {
        again_ = true;
        return;
    }
    runtime::log(level::info, "Reloading the configuration");
    thread_ = std::jthread([this, running = owner_.now()] { read(running); });
}

void reloader::read(const in_force& running) {
    std::optional<in_force> result;
    try {
        result = read_all(source_, running);
    } catch (const std::exception& problem) {
        log_refusal(problem.what());
    }
    boost::asio::post(loop_, [this, result = std::move(result)]() mutable { finish(std::move(result)); });
}

void reloader::finish(std::optional<in_force> read) {
    thread_.join();
    under_way_ = false;
    if (read) {
        if (const auto wanted = runtime::level_named(read->settings.log.level))
            runtime::set_log_level(*wanted);
        owner_.apply(std::move(*read));
        runtime::log(level::info, "The configuration was reloaded");
    } else {
        owner_.failed();
    }
    if (std::exchange(again_, false))
        start();
}

} // namespace millrace::ingress

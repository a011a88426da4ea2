// A processor whose handler takes its time, asks for a retry now and then, and writes a line only when it is
// done: whatever befalls the processor finds events under way, and the lines are all that was ever handled.
#include "millrace/processor/service.hpp"
#include "millrace/runtime/log.hpp"
#include "millrace/settings/load.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <utility>

namespace {

using namespace millrace;

constexpr unsigned one_in_retried = 20;

class slow_handler final : public processor::handler {
  public:
    slow_handler(boost::asio::io_context& loop, unsigned max_delay_ms)
        : timer_(loop), max_delay_ms_(max_delay_ms) {}

    std::string_view name() const noexcept override { return "slow"; }

    void handle(const processor::delivery& d, processor::completion c) override {
        const auto due = steady_clock::now() + milliseconds{random_() % max_delay_ms_};
        under_way_.emplace(std::piecewise_construct, std::forward_as_tuple(due),
                           std::forward_as_tuple(d, std::move(c)));
        arm();
    }

  private:
    struct work {
        work(const processor::delivery& of, processor::completion c) : event(of), completion(std::move(c)) {}

        const processor::delivery& event; // valid until its completion is called
        processor::completion completion;
    };

    void arm() {
        if (under_way_.empty())
            return;
        timer_.expires_at(under_way_.begin()->first);
        timer_.async_wait([this](const boost::system::error_code& cancelled) {
            if (cancelled)
                return;
            while (!under_way_.empty() && under_way_.begin()->first <= steady_clock::now())
                finish(std::move(under_way_.extract(under_way_.begin()).mapped()));
            arm();
        });
    }

    void finish(work w) {
        if (random_() % one_in_retried == 0)
            return w.completion.retry("chaos", "not this time");
        runtime::log(runtime::level::info, "event",
                     {{"id", w.event.event->id},
                      {"partition", std::to_string(value(w.event.partition))},
                      {"offset", std::to_string(value(w.event.offset))}});
        runtime::flush_log(); // handled is what the line says: it is there before the processor may commit
        w.completion.done();
    }

    boost::asio::steady_timer timer_;
    unsigned max_delay_ms_;
    std::multimap<steady_time, work> under_way_;
    std::minstd_rand random_{std::random_device{}()};
};

} // namespace

int main(int argc, char** argv) {
    const settings::loaded loaded = settings::load(settings::service::processor, argc, argv, environ);
    if (!loaded.settings) {
        std::cerr << loaded.text << std::flush;
        return loaded.exit_code;
    }
    runtime::start_log("slow-processor", runtime::level::info, loaded.settings->log.format == "json");
    const char* const delay = std::getenv("CHAOS_HANDLER_MS");
    const auto max_delay_ms = static_cast<unsigned>(std::max(1, delay != nullptr ? std::atoi(delay) : 120));
    try {
        processor::service(*loaded.settings, [&](boost::asio::io_context& loop) {
            return std::make_unique<slow_handler>(loop, max_delay_ms);
        }).run(true);
    } catch (const std::exception& problem) {
        runtime::log(runtime::level::error, "slow-processor cannot run", {{"reason", problem.what()}});
        return 1;
    }
    return 0;
}

#include "millrace/ingress/service.hpp"

#include "broker_watch.hpp"
#include "millrace/core/version.hpp"
#include "millrace/runtime/descriptors.hpp"
#include "millrace/runtime/log.hpp"
#include "millrace/runtime/signals.hpp"
#include "millrace/runtime/spare_memory.hpp"
#include "reload.hpp"
#include "rules.hpp"
#include "worker.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace millrace::ingress {
namespace {

using runtime::level;

// The other loops share the port that the first one got, which matters where the configuration says port 0.
std::string with_port(const std::string& listen, std::uint16_t port) {
    return listen.substr(0, listen.rfind(':') + 1) + std::to_string(port);
}

settings::file within_limits(settings::file given) {
    // Of a loop: its own and those of two producers to a few brokers each, which the spool has too; of the
    // process: logs, files, listeners.
    const std::uint64_t own = 64 + 32 * (given.http.threads + (given.spool.path.empty() ? 0 : 1));
    given.http.max_connections = runtime::make_room_for(given.http.max_connections, own);
    return given;
}

std::shared_ptr<const rules> rules_of(const settings::file& given) {
    rules_or_errors made = make_rules(given, nullptr);
    if (made.rules)
        return std::move(made.rules);
    std::string text;
    for (const std::string& error : made.errors)
        text += (text.empty() ? "" : "; ") + error;
    throw std::runtime_error(text);
}

} // namespace

struct service::impl {
    impl(const settings::file& given, reload_source source)
        : shared(within_limits(given), rules_of(given)), now{given, shared.rules} {
        const settings::file& settings = shared.settings;
        for (std::uint64_t i = 0; i < settings.http.threads; ++i) {
            const std::string& listen = settings.http.listen;
            shared.workers.push_back(
                std::make_unique<worker>(shared, i == 0 ? listen : with_port(listen, port())));
            shared.workers.back()->listen();
        }
        const settings::kafka& k = settings.kafka;
        watch.emplace(first().loop(), kafka::client_config{k.brokers, k.client_id, k.properties},
                      shared.topics, shared.spool != nullptr);
        if (source)
            reloads.emplace(first().loop(), std::move(source),
                            reloader::owner{[this] { return now; },
                                            [this](in_force fresh) { use(std::move(fresh)); },
                                            [this] { count_reload(false); }});
    }

    worker& first() { return *shared.workers.front(); }
    std::uint16_t port() { return first().port(); }

    void reload() {
        if (reloads && !draining)
            reloads->start();
    }

    void use(in_force fresh) {
        now = std::move(fresh);
        for (const auto& w : shared.workers)
            boost::asio::post(w->loop(), [&w = *w, rules = now.rules] { w.use(rules); });
        count_reload(true);
    }

    void count_reload(bool success) { first().count_reload(success); }

    void begin_drain() {
        if (draining.exchange(true))
            return;
        runtime::log(level::info, "Shutting down: answering what was admitted");
        drain_deadline = steady_clock::now() + milliseconds(shared.settings.ingress.drain_timeout_ms);
        running = shared.workers.size();
        for (const auto& w : shared.workers)
            boost::asio::post(w->loop(), [this, &w = *w] { w.drain([this] { worker_drained(); }); });
    }

    void worker_drained() {
        if (--running == 0)
            boost::asio::post(first().loop(), [this] {
                watch->stop();
                if (shared.spool)
                    shared.spool->begin_stop(drain_deadline);
                if (signals) {
                    signals->release();
                    spare_memory->release();
                }
            });
    }

    shared_state shared;
    in_force now; ///< of the first loop
    std::optional<broker_watch> watch;
    std::optional<runtime::signals> signals; ///< where this is the whole process
    std::optional<runtime::spare_memory> spare_memory;
    std::optional<reloader> reloads;
    std::atomic<bool> draining{false};
    steady_time drain_deadline{}; ///< of the first loop
    std::atomic<std::size_t> running{0};
};

service::service(const settings::file& settings, reload_source source)
    : impl_(std::make_unique<impl>(settings, std::move(source))) {}

service::~service() = default;

std::uint16_t service::port() const noexcept {
    return impl_->port();
}

void service::run(bool handle_signals) {
    impl& s = *impl_;
    if (handle_signals) {
        s.signals.emplace(s.first().loop(), [&s] { s.begin_drain(); }, [&s] { s.reload(); });
        s.spare_memory.emplace(s.first().loop());
    }
    if (const auto warning = warning_about_access(s.shared.settings))
        runtime::log(level::warn, *warning);
    s.watch->start();
    runtime::log(level::info, "millrace-ingress takes events",
                 {{"version", version()},
                  {"listen", with_port(s.shared.settings.http.listen, port())},
                  {"kafka", s.shared.settings.kafka.brokers},
                  {"topic", s.shared.settings.ingress.default_topic}});
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < s.shared.workers.size(); ++i)
        threads.emplace_back([&loop = s.shared.workers[i]->loop()] { loop.run(); });
    s.first().loop().run();
    threads.clear();
    if (s.shared.spool)
        s.shared.spool->stop(s.drain_deadline);
    runtime::log(level::info, "Shut down: everything admitted is answered");
}

void service::reload() {
    boost::asio::post(impl_->first().loop(), [this] { impl_->reload(); });
}

void service::stop() {
    boost::asio::post(impl_->first().loop(), [this] { impl_->begin_drain(); });
}

} // namespace millrace::ingress

#include "millrace/ingress/service.hpp"

#include "broker_watch.hpp"
#include "descriptors.hpp"
#include "millrace/core/version.hpp"
#include "millrace/runtime/log.hpp"
#include "millrace/runtime/signals.hpp"
#include "worker.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace millrace::ingress {
namespace {

using runtime::level;

// The other loops share the port that the first one got, which matters where the configuration says port 0.
std::string with_port(const std::string& listen, std::uint16_t port) {
    return listen.substr(0, listen.rfind(':') + 1) + std::to_string(port);
}

settings::file within_limits(settings::file given) {
    given.http.max_connections = make_room_for(given.http.max_connections, given.http.threads);
    return given;
}

} // namespace

struct service::impl {
    explicit impl(const settings::file& given) : shared(within_limits(given)) {
        const settings::file& settings = shared.settings;
        for (std::uint64_t i = 0; i < settings.http.threads; ++i) {
            const std::string& listen = settings.http.listen;
            shared.workers.push_back(
                std::make_unique<worker>(shared, i == 0 ? listen : with_port(listen, port())));
            shared.workers.back()->listen();
        }
        const settings::kafka& k = settings.kafka;
        watch.emplace(first().loop(), kafka::client_config{k.brokers, k.client_id, k.properties},
                      shared.topics);
    }

    worker& first() { return *shared.workers.front(); }
    std::uint16_t port() { return first().port(); }

    void begin_drain() {
        if (draining.exchange(true))
            return;
        runtime::log(level::info, "Shutting down: answering what was admitted");
        running = shared.workers.size();
        for (const auto& w : shared.workers)
            boost::asio::post(w->loop(), [this, &w = *w] { w.drain([this] { worker_drained(); }); });
    }

    void worker_drained() {
        if (--running == 0)
            boost::asio::post(first().loop(), [this] {
                watch->stop();
                if (signals)
                    signals->release();
            });
    }

    shared_state shared;
    std::optional<broker_watch> watch;
    std::optional<runtime::signals> signals;
    std::atomic<bool> draining{false};
    std::atomic<std::size_t> running{0};
};

service::service(const settings::file& settings) : impl_(std::make_unique<impl>(settings)) {}

service::~service() = default;

std::uint16_t service::port() const noexcept {
    return impl_->port();
}

void service::run(bool handle_signals) {
    impl& s = *impl_;
    if (handle_signals)
        s.signals.emplace(s.first().loop(), [&s] { s.begin_drain(); });
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
    runtime::log(level::info, "Shut down: everything admitted is answered");
}

void service::stop() {
    boost::asio::post(impl_->first().loop(), [this] { impl_->begin_drain(); });
}

} // namespace millrace::ingress

#include "worker.hpp"

#include "millrace/http/standard_pages.hpp"
#include "openapi.hpp"
#include "pages.hpp"

#include <algorithm>
#include <stdexcept>

namespace millrace::ingress {
namespace {

constexpr milliseconds longest_check_interval{100};

// librdkafka looks for timed out messages once a second: its own timeout ends early enough for its report,
// which knows whether the event was ever sent, to make the answer.
constexpr std::uint64_t report_margin_ms = 1'500;

// Where the request's time is short the report may come too late, and the answer is 504.
std::uint64_t delivery_timeout_ms(std::uint64_t request_timeout_ms) {
    return std::max(request_timeout_ms / 2,
                    request_timeout_ms > report_margin_ms ? request_timeout_ms - report_margin_ms : 0);
}

std::uint64_t share(std::uint64_t whole, std::uint64_t loops) {
    return std::max<std::uint64_t>(1, whole / loops);
}

/// Of the lines a second of the access log; 0: none at all.
std::uint64_t lines_of(const settings::file& s) {
    const std::uint64_t all = s.log.access_per_second;
    return all == 0 ? 0 : share(all, s.http.threads);
}

kafka::publisher_config publisher_config_of(const settings::file& s) {
    kafka::publisher_config config;
    config.client = {s.kafka.brokers, s.kafka.client_id, s.kafka.properties};
    config.delivery_timeout = milliseconds(delivery_timeout_ms(s.http.request_timeout_ms));
    config.max_queued_events = share(s.ingress.max_in_flight_events, s.http.threads);
    return config;
}

/// A larger one could never be admitted.
std::uint64_t max_body_of(const settings::file& s) {
    return std::min(s.http.max_body_bytes, share(s.ingress.max_in_flight_bytes, s.http.threads));
}

http::server_config server_config_of(const settings::file& s, std::string listen,
                                     std::shared_ptr<const http::tls_context> tls) {
    http::server_config config;
    config.listen = std::move(listen);
    config.reuse_port = s.http.threads > 1;
    config.max_connections = share(s.http.max_connections, s.http.threads);
    config.max_header_bytes = s.http.max_header_bytes;
    config.max_body_bytes = max_body_of(s);
    config.max_buffered_body_bytes = share(s.ingress.max_in_flight_bytes, s.http.threads);
    config.header_timeout = milliseconds(s.http.header_timeout_ms);
    config.body_timeout = milliseconds(s.http.body_timeout_ms);
    config.idle_timeout = milliseconds(s.http.idle_timeout_ms);
    config.tls = std::move(tls);
    return config;
}

event::decode_limits limits_of(const settings::file& s) {
    return {.max_event_bytes = s.ingress.max_event_bytes,
            .max_batch_events = s.ingress.max_batch_events,
            .max_json_depth = s.ingress.max_json_depth};
}

} // namespace

worker::worker(shared_state& shared, std::string listen)
    : shared_(shared),
      metrics_(shared.topics),
      access_log_(lines_of(shared.settings), metrics_),
      budget_(share(shared.settings.ingress.max_in_flight_events, shared.settings.http.threads),
              share(shared.settings.ingress.max_in_flight_bytes, shared.settings.http.threads)),
      publisher_(loop_, publisher_config_of(shared.settings)),
      path_(loop_, publisher_, budget_, metrics_, limits_of(shared.settings), shared.receipts, shared.window,
            shared.spool.get()),
      desk_(loop_, shared.spool.get(), shared.receipts),
      reception_(shared.topics, path_, desk_, metrics_, max_body_of(shared.settings),
                 limits_of(shared.settings), shared.rules) {
    add_routes();
    server_ = std::make_unique<http::server>(
        loop_, server_config_of(shared.settings, std::move(listen), shared.rules->tls), router_,
        [this](const http::exchange_summary& s) {
            metrics_.count(s);
            access_log_.write(s);
        });
}

void worker::add_routes() {
    reception_.add_routes(router_);
    router_.add("GET", "/healthz", http::say_alive);
    router_.add("GET", "/readyz", [this](http::exchange& e) { say_ready(e, failing_checks()); });
    router_.add("GET", "/version", say_version);
    router_.add("GET", "/metrics",
                [this](http::exchange& e) { say_metrics(e, shared_, failing_checks().empty()); });
    router_.add("GET", "/openapi.json", say_openapi);
}

void worker::use(const std::shared_ptr<const rules>& fresh) {
    reception_.use(fresh);
    if (fresh->tls)
        server_->use(fresh->tls);
}

void worker::listen() {
    if (server_->listen())
        throw std::runtime_error(server_->listen_error());
    watch_deadlines();
}

void worker::watch_deadlines() {
    const milliseconds allowed(shared_.settings.http.request_timeout_ms);
    const milliseconds interval = std::min(longest_check_interval, allowed / 10);
    deadline_timer_.expires_after(interval);
    deadline_timer_.async_wait([this, allowed, interval](error_code cancelled) {
        if (cancelled || drained_) // one that was due when it was cancelled is told nothing of that
            return;
        // What would be overdue before the next look is answered now: within the time, not after it.
        path_.answer_overdue(steady_clock::now() + interval - allowed);
        watch_deadlines();
    });
}

void worker::drain(std::function<void()> done) {
    if (std::exchange(draining_, true))
        return;
    path_.drain();
    const milliseconds allowed(shared_.settings.ingress.drain_timeout_ms);
    const steady_time deadline = steady_clock::now() + allowed; // one for both steps
    server_->drain(allowed, [this, deadline, done = std::move(done)] {
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
        publisher_.close(std::max(left, milliseconds(0)), [this, done] {
            drained_ = true;
            deadline_timer_.cancel();
            done();
        });
    });
}

std::vector<http::problem::error> worker::failing_checks() const {
    std::vector<http::problem::error> failing;
    if (draining_)
        failing.push_back({{}, "/draining", "The instance is shutting down."});
    const bool spools = shared_.spool && !shared_.spool->refusal(); // then a POST is taken all the same
    if (shared_.spool && !spools)
        failing.push_back(
            {{}, "/spool", "Nothing can be put into the spool: " + shared_.spool->refusal().message() + "."});
    if (!publisher_.available() && !spools)
        failing.push_back(
            {{},
             "/kafka",
             "Nothing can be published now: " + publisher_.unavailable_reason() + ". Check kafka.brokers."});
    for (const topic& t : shared_.topics.all())
        if (t.partitions.load(std::memory_order_relaxed) == 0 &&
            !(spools && !t.missing.load(std::memory_order_relaxed)))
            failing.push_back({{},
                               "/topics/" + t.name,
                               "The topic is not known to exist in Kafka. Create it, or set "
                               "topics." +
                                   t.name + ".create = true."});
    if (budget_.full())
        failing.push_back({{},
                           "/capacity",
                           "As many events or bytes are in flight as the configuration allows, or nearly: "
                           "there is no room for one more event of the usual size."});
    return failing;
}

} // namespace millrace::ingress

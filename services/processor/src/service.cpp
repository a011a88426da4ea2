#include "millrace/processor/service.hpp"

#include "admin_gate.hpp"
#include "dashboard.hpp"
#include "dead_letters.hpp"
#include "end_watch.hpp"
#include "handlers.hpp"
#include "letter_list.hpp"
#include "log_watch.hpp"
#include "millrace/core/version.hpp"
#include "millrace/http/router.hpp"
#include "millrace/http/server.hpp"
#include "millrace/http/standard_pages.hpp"
#include "millrace/runtime/descriptors.hpp"
#include "millrace/runtime/log.hpp"
#include "millrace/runtime/signals.hpp"
#include "millrace/runtime/spare_memory.hpp"
#include "openapi.hpp"
#include "pages.hpp"
#include "pause_desk.hpp"
#include "pipeline.hpp"
#include "receipt_desk.hpp"
#include "receipt_lookup.hpp"
#include "redrive.hpp"
#include "status_stream.hpp"
#include "topic_keeper.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace millrace::processor {
namespace {

using runtime::level;

constexpr milliseconds letters_deadline{2'000}; // for what is on its way when the group is left
constexpr milliseconds http_deadline{2'000};
constexpr std::uint64_t own_descriptors = 256; // connections of six clients to the brokers, and little else

kafka::client_config client_of(const settings::file& s) {
    return {s.kafka.brokers, s.kafka.client_id, s.kafka.properties};
}

std::shared_ptr<const http::tls_context> tls_of(const settings::tls& from) {
    if (from.certificate_file.empty())
        return nullptr;
    std::string problem;
    auto made = http::tls_context::load({from.certificate_file, from.key_file, from.client_ca_file}, problem);
    if (!made)
        throw std::runtime_error("tls: " + problem);
    return made;
}

http::server_config server_of(const settings::file& s) {
    const settings::http& h = s.http;
    http::server_config c;
    c.listen = h.listen;
    c.max_connections =
        runtime::make_room_for(h.max_connections, own_descriptors + s.handlers.http.max_connections);
    c.max_header_bytes = h.max_header_bytes;
    c.max_body_bytes = h.max_body_bytes;
    c.header_timeout = milliseconds{h.header_timeout_ms};
    c.body_timeout = milliseconds{h.body_timeout_ms};
    c.idle_timeout = milliseconds{h.idle_timeout_ms};
    c.tls = tls_of(s.tls);
    return c;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text.append(text.empty() ? "" : " ").append(name);
    return text;
}

} // namespace

struct service::impl {
    impl(settings::file s, const handler_factory& factory)
        : settings(std::move(s)),
          events_handler(factory ? factory(loop) : make_handler(loop, settings)),
          cluster(loop, client_of(settings)),
          topics(loop, cluster, settings),
          letters(loop, client_of(settings), settings.processor.group, topics),
          events(std::make_unique<pipeline>(loop, settings, *events_handler, letters)),
          logs(loop, *events, cluster),
          ends(loop, *events, client_of(settings)),
          stream(loop, *events),
          lookup(cluster, topics, settings.processor.group),
          receipts(loop, *events, topics, lookup),
          gate(settings.http.listen, settings.processor.admin_token),
          pauses(events, topics, gate),
          archive(loop, client_of(settings)),
          letter_pages(archive, topics, settings),
          redrives(loop, archive, topics, settings, gate),
          server(loop, server_of(settings), routes) {
        add_routes();
        if (server.listen())
            throw std::runtime_error(server.listen_error());
    }

    void add_routes() {
        routes.add("GET", "/healthz", http::say_alive);
        routes.add("GET", "/readyz", [this](http::exchange& e) { say_ready(e, *events); });
        routes.add("GET", "/version", say_version);
        routes.add("GET", "/openapi.json", say_openapi);
        routes.add("GET", "/status", [this](http::exchange& e) { say_status(e, *events); });
        routes.add("GET", "/metrics", [this](http::exchange& e) {
            say_metrics(e, *events, *events_handler,
                        {receipts.held(), stream.followers(), redrives.letters_redriven()}, server.stats());
        });
        routes.add("GET", "/status/stream", [this](http::exchange& e) { stream.receive(e); });
        add_dashboard(routes);
        routes.add("GET", "/v1/events", [this](http::exchange& e) { receipts.receive_by_id(e); });
        routes.add("GET", "/v1/events/{topic}/{partition}/{offset}",
                   [this](http::exchange& e) { receipts.receive(e); });
        routes.add("GET", "/v1/dead-letters", [this](http::exchange& e) { letter_pages.receive(e); });
        routes.add("GET", "/v1/dead-letters/redrive", [this](http::exchange& e) { redrives.show(e); });
        routes.add("POST", "/v1/dead-letters/redrive", [this](http::exchange& e) { redrives.order(e); });
        routes.add("POST", "/v1/pause", [this](http::exchange& e) { pauses.pause(e); });
        routes.add("POST", "/v1/resume", [this](http::exchange& e) { pauses.resume(e); });
    }

    void start() {
        topics.start();
        events->start([this](const partition& of, record_offset at) { receipts.on_final(of, at); },
                      [this] { logs.look_soon(); });
        events->describe_also([this](snapshot& to) { to.redrive_json = redrives.status_json(); });
        logs.start();
        ends.start();
        const std::string& listen = settings.http.listen;
        runtime::log(level::info, "millrace-processor takes events",
                     {{"version", version()},
                      {"listen", listen.substr(0, listen.rfind(':') + 1) + std::to_string(server.port())},
                      {"kafka", settings.kafka.brokers},
                      {"group", settings.processor.group},
                      {"topics", joined(settings.processor.topics)},
                      {"handler", events_handler->name()}});
    }

    // In order: fetch no more and finish (the pipeline), settle letters, answer clients, let the loop run
    // dry.
    void stop() {
        if (stopping)
            return;
        stopping = true;
        runtime::log(level::info, "Shutting down: finishing and committing what is under way");
        logs.stop();
        ends.stop();
        redrives.close();
        letter_pages.close();
        events->drain([this] {
            runtime::log(level::info, "Left the group");
            letters.close(letters_deadline, [this] {
                runtime::log(level::debug, "Producers closed");
                redrives.when_idle([this] { end(); });
            });
        });
    }

    void end() {
        receipts.close();
        stream.close();
        server.drain(http_deadline, [this] {
            topics.stop();
            // The consumer, and what the handler may still wait for, would keep the loop running.
            events.reset();
            events_handler.reset();
            if (signals) {
                signals->release();
                spare_memory->release();
            }
        });
    }

    // In the order of construction; each one uses only those before it.
    settings::file settings;
    boost::asio::io_context loop{1};
    std::unique_ptr<handler> events_handler;
    kafka::cluster cluster;
    topic_keeper topics;
    dead_letters letters;
    std::unique_ptr<pipeline> events;
    log_watch logs;
    end_watch ends;
    status_stream stream;
    receipt_lookup lookup;
    receipt_desk receipts;
    admin_gate gate;
    pause_desk pauses;
    kafka::cluster archive; ///< of its own, so that reading many letters holds up nobody's receipt
    letter_list letter_pages;
    redrive redrives;
    http::router routes;
    http::server server;
    std::optional<runtime::signals> signals; ///< where this is the whole process
    std::optional<runtime::spare_memory> spare_memory;
    bool stopping = false;
};

service::service(const settings::file& settings, const handler_factory& make_handler)
    : impl_(std::make_unique<impl>(settings, make_handler)) {}

service::~service() = default;

std::uint16_t service::port() const noexcept {
    return impl_->server.port();
}

void service::run(bool handle_signals) {
    impl& s = *impl_;
    if (handle_signals) {
        s.signals.emplace(s.loop, [&s] { s.stop(); });
        s.spare_memory.emplace(s.loop);
    }
    s.start();
    s.loop.run();
    runtime::log(level::info, "Shut down: everything handled is committed");
}

void service::stop() {
    boost::asio::post(impl_->loop, [this] { impl_->stop(); });
}

} // namespace millrace::processor

#include "redrive.hpp"

#include "answers.hpp"
#include "letter_list.hpp"
#include "millrace/core/text.hpp"
#include "millrace/http/standard_pages.hpp"
#include "millrace/kafka/error.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace millrace::processor {
namespace {

constexpr const char* place = "/v1/dead-letters/redrive";

http::problem not_json() {
    return {.status = 415,
            .code = "unsupported_media_type",
            .title = "Unsupported media type",
            .detail = "The order to redrive is JSON: send it with Content-Type: application/json.",
            .headers = {{"Accept-Post", "application/json"}}};
}

http::problem already_running() {
    return {.status = 409,
            .code = "redrive_running",
            .title = "Redrive running",
            .detail = "This processor redrives already. GET /v1/dead-letters/redrive says how far it is; ask "
                      "again when it has ended.",
            .retryable = true,
            .retry_after_s = 2};
}

bool is_json(std::string_view content_type) {
    return iequals(trim(content_type.substr(0, content_type.find(';'))), "application/json");
}

kafka::transactor_config transactor_of(const settings::file& s) {
    kafka::transactor_config c;
    c.client = {s.kafka.brokers, s.kafka.client_id, s.kafka.properties};
    c.id = "millrace-redrive-" + s.processor.group;
    return c;
}

} // namespace

redrive::redrive(boost::asio::io_context& loop, kafka::cluster& cluster, topic_keeper& topics,
                 const settings::file& settings, const admin_gate& gate)
    : loop_(loop),
      hold_timer_(loop),
      cluster_(cluster),
      topics_(topics),
      settings_(settings),
      gate_(gate),
      transactor_(loop, transactor_of(settings)) {}

void redrive::order(http::exchange& e) {
    const http::request& r = e.request();
    if (const auto refused = gate_.refusal(r))
        return http::respond(e, *refused);
    if (!is_json(r.header("content-type")))
        return http::respond(e, not_json());
    auto parsed = parse_redrive_order(r.body);
    if (const auto* wrong = std::get_if<http::problem>(&parsed))
        return http::respond(e, *wrong);
    if (closed_)
        return http::respond(e, draining());
    if (running_)
        return http::respond(e, already_running());
    begin(e, std::move(std::get<redrive_order>(parsed)));
}

void redrive::begin(http::exchange& e, redrive_order order) {
    if (!order.topic.empty() && !topics_.consumes(order.topic))
        return http::respond(e,
                             not_found("The topic '" + order.topic + "' is not consumed by this processor."));
    auto logs = letter_list::partitions(topics_, settings_, order.topic);
    if (!logs) {
        topics_.look_again();
        return http::respond(
            e, kafka_away("The dead-letter topics are not known yet", kafka::errc::brokers_down));
    }
    std::erase_if(*logs, [&](const topic_partition& of) {
        return !order.may_be_in(of, topics_.partitions_of(of.topic));
    });
    job_ = std::make_unique<redrive_job>(loop_, cluster_, transactor_, settings_, std::move(*logs),
                                         std::move(order), [this] { on_end(); });
    running_ = true;
    held_ = &e;
    hold_timer_.expires_after(milliseconds{settings_.http.request_timeout_ms * 8 / 10});
    hold_timer_.async_wait([this](error_code cancelled) {
        if (!cancelled && running_)
            answer();
    });
    job_->start();
}

void redrive::on_end() {
    running_ = false;
    redriven_.add(job_->report().redriven);
    hold_timer_.cancel();
    answer();
    if (const auto idle = std::exchange(on_idle_, nullptr))
        idle();
}

// How far it has come, or how it ended.
void redrive::answer() {
    http::exchange* const e = std::exchange(held_, nullptr);
    if (e == nullptr)
        return;
    const redrive_report& r = job_->report();
    if (r.now == redrive_report::state::failed || r.now == redrive_report::state::stopped)
        return http::respond(*e, problem_of(r));
    const bool running = r.now == redrive_report::state::running;
    const field location{"Location", place};
    const std::string body = to_json(r, true) + "\n";
    e->respond({.status = running ? 202U : 200U,
                .content_type = "application/json",
                .body = body,
                .headers = {&location, running ? 1U : 0U}});
}

void redrive::show(http::exchange& e) const {
    if (!job_)
        return http::respond(e, not_found("This processor has redriven nothing since its start."));
    http::respond_json(e, to_json(job_->report(), true) + "\n");
}

std::string redrive::status_json() const {
    return job_ ? to_json(job_->report(), false) : std::string();
}

void redrive::close() {
    closed_ = true;
    if (running_)
        job_->stop();
}

void redrive::when_idle(std::function<void()> done) {
    if (!running_)
        return done();
    on_idle_ = std::move(done);
}

} // namespace millrace::processor

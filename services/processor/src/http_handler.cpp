// Delivers each event to a URL: docs/handlers.md. Waits for a connection, asks, judges the answer, and leaves
// a target alone that is down.
#include "circuit_breaker.hpp"
#include "delivery_request.hpp"
#include "delivery_tallies.hpp"
#include "delivery_verdict.hpp"
#include "handlers.hpp"
#include "millrace/http/client.hpp"
#include "millrace/runtime/log.hpp"
#include "webhook_signer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace millrace::processor {
namespace {

using runtime::level;

http::client_config client_of(const settings::http_handler& s) {
    http::client_config c;
    c.url = s.url;
    c.timeout = milliseconds{s.timeout_ms};
    c.connect_timeout = milliseconds{s.connect_timeout_ms};
    c.idle_timeout = milliseconds{s.idle_timeout_ms};
    c.max_connections = s.max_connections;
    std::string problem;
    c.tls =
        http::tls_context::load_client({s.ca_file, s.client_certificate_file, s.client_key_file}, problem);
    if (!c.tls)
        throw std::runtime_error("handlers.http: " + problem);
    return c;
}

std::vector<std::string> secrets_of(const settings::http_handler& s) {
    std::vector<std::string> all = s.signing_secrets;
    if (!s.signing_secret.empty())
        all.insert(all.begin(), s.signing_secret);
    return all;
}

class http_handler final : public handler {
  public:
    http_handler(boost::asio::io_context& loop, const settings::http_handler& s)
        : loop_(loop),
          settings_(s),
          signer_(secrets_of(s)),
          request_(settings_.headers, signer_),
          breaker_(
              {s.circuit_failures, milliseconds{s.circuit_open_ms}, milliseconds{s.circuit_max_open_ms}}),
          client_(loop, client_of(s)) {
        if (!signer_.signs())
            runtime::log(level::warn, "Deliveries are not signed: handlers.http.signing_secret is not set",
                         {{"target", client_.origin()}});
    }

    std::string_view name() const noexcept override { return "http"; }

    void handle(const delivery& d, completion c) override {
        waiting_.push_back({&d, std::move(c)});
        // Several attempts may come in a row, of which the best one is to be the probe.
        const steady_time now = steady_clock::now();
        if (breaker_.at(now) == circuit_breaker::state::half_open && breaker_.admits(now))
            pump_soon();
        else
            pump();
    }

    std::string status_json() const override { return to_json(report()); }
    void write_metrics(runtime::exposition& to) const override { write(to, report()); }

  private:
    struct attempt {
        const delivery* of;
        completion then;
    };
    /// Ends with its scope, also by an exception: there may be no memory for a signature.
    struct in_pump {
        explicit in_pump(bool& of) : on(of) { on = true; }
        ~in_pump() { on = false; }
        in_pump(const in_pump&) = delete;
        in_pump& operator=(const in_pump&) = delete;
        bool& on;
    };
    struct flight {
        completion then;
        steady_time began;
        circuit_breaker::period period;
        bool probe;
    };

    void pump();
    void pump_soon();
    attempt take();
    void postpone_all(milliseconds pause);
    void deliver(attempt a);
    void on_answer(std::uint64_t number, const http::client_answer& answer);
    void tell_circuit(circuit_breaker::state before);
    delivery_report report() const;

    boost::asio::io_context& loop_;
    const settings::http_handler settings_;
    webhook_signer signer_;
    delivery_request request_;
    circuit_breaker breaker_;
    delivery_tallies tallies_;
    std::deque<attempt> waiting_; ///< at most processor.concurrency, each for as long as those before it take
    std::unordered_map<std::uint64_t, flight> flights_;
    std::uint64_t flown_ = 0;
    bool pumping_ = false;
    std::shared_ptr<http_handler*> here_ = std::make_shared<http_handler*>(this); ///< goes with it
    http::client client_;                                                         ///< last: it calls back
};

// Sends what may be sent now. A completion may bring the next attempt before it returns: no recursion then.
void http_handler::pump() {
    if (pumping_)
        return;
    const in_pump here(pumping_);
    while (!waiting_.empty()) {
        const steady_time now = steady_clock::now();
        if (const milliseconds pause = breaker_.closed_for(now); pause.count() > 0)
            postpone_all(pause);
        else if (client_.full() || !breaker_.admits(now))
            break;
        else
            deliver(take());
    }
}

void http_handler::pump_soon() {
    boost::asio::post(loop_, [weak = std::weak_ptr(here_)] {
        if (const auto here = weak.lock())
            (*here)->pump();
    });
}

// In order; but a probe, which is likely to fail, is made of the event that has failed least often, so that
// no event uses up its attempts while the target is down.
http_handler::attempt http_handler::take() {
    auto next = waiting_.begin();
    if (breaker_.at(steady_clock::now()) == circuit_breaker::state::half_open)
        next = std::ranges::min_element(waiting_, {}, [](const attempt& a) { return a.of->attempt; });
    attempt a = std::move(*next);
    waiting_.erase(next);
    return a;
}

void http_handler::postpone_all(milliseconds pause) {
    for (attempt& a : std::exchange(waiting_, {})) {
        ++tallies_.postponed;
        a.then.postpone("circuit_open", "The target failed too often in a row and is left alone for a while.",
                        pause);
    }
}

void http_handler::deliver(attempt a) {
    if (const auto wrong = request_.make(*a.of, system_now()))
        return a.then.fail("malformed_event", *wrong);
    const std::uint64_t number = ++flown_;
    const steady_time now = steady_clock::now();
    const bool probe = breaker_.at(now) == circuit_breaker::state::half_open;
    const circuit_breaker::period period = breaker_.begin();
    try {
        flights_.try_emplace(number, flight{std::move(a.then), now, period, probe});
        client_.post(request_.headers(), a.of->event->data,
                     [this, number](const http::client_answer& answer) { on_answer(number, answer); });
    } catch (...) { // out of memory; a probe that never ends would keep the circuit as it is for ever
        breaker_.failed(period, steady_clock::now());
        flights_.erase(number);
        throw;
    }
}

void http_handler::on_answer(std::uint64_t number, const http::client_answer& answer) {
    auto landed = flights_.extract(number);
    if (landed.empty())
        return; // `deliver` gave it up
    flight f = std::move(landed.mapped());
    const steady_time now = steady_clock::now();
    const circuit_breaker::state before = breaker_.at(now);
    tallies_.add(answer, now - f.began);
    const verdict v = judge(answer, system_now());
    if (v.target_works)
        breaker_.succeeded(f.period);
    else
        breaker_.failed(f.period, now);
    tell_circuit(before);
    pump();
    if (v.what == outcome::kind::done)
        f.then.done();
    else if (f.probe && !v.sent)
        f.then.postpone(v.error_class, v.message, breaker_.closed_for(now));
    else if (v.what == outcome::kind::retry)
        f.then.retry(v.error_class, v.message, v.after);
    else
        f.then.fail(v.error_class, v.message);
}

void http_handler::tell_circuit(circuit_breaker::state before) {
    using enum circuit_breaker::state;
    const circuit_breaker::state after = breaker_.at(steady_clock::now());
    if (before == closed && after == open)
        runtime::log(level::warn, "The target fails: deliveries are put off until one succeeds",
                     {{"target", client_.origin()}, {"failures_in_a_row", breaker_.failures_in_a_row()}});
    else if (before != closed && after == closed)
        runtime::log(level::info, "The target works again", {{"target", client_.origin()}});
}

delivery_report http_handler::report() const {
    const steady_time now = steady_clock::now();
    return {tallies_,         client_.origin(), client_.stats(),
            flights_.size(),  waiting_.size(),  settings_.max_connections,
            breaker_.at(now), breaker_,         breaker_.closed_for(now)};
}

} // namespace

std::unique_ptr<handler> make_http_handler(boost::asio::io_context& loop, const settings::http_handler& s) {
    return std::make_unique<http_handler>(loop, s);
}

} // namespace millrace::processor

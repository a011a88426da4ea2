// Two producers behind one wake-up: which lane takes a record, when a producer must be replaced, and the way
// out.
#include "millrace/kafka/publisher.hpp"

#include "event_queue.hpp"
#include "lane_chooser.hpp"
#include "millrace/kafka/error.hpp"
#include "producer.hpp"
#include "producer_reaper.hpp"
#include "request_counter.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace millrace::kafka {
namespace {

constexpr milliseconds tick_interval{250};
/// Reports told for a lane in one turn of the loop, so that the loop's other work gets its turns.
constexpr std::size_t turn_budget = 512;
/// After a fatal error, how long what was sent may still be answered before its outcome is called unknown.
constexpr milliseconds answer_patience{1'000};
/// A producer that fails as soon as it is made (it may not be allowed to write, say) is not made in a circle.
constexpr milliseconds reopen_interval{1'000};

struct lane_state {
    std::unique_ptr<producer> client; ///< none where it could not be made; tried again at each tick
    bool replacing = false; ///< takes nothing until everything in it is reported, which keeps events in order
    bool brokers_lost = false;
    steady_time since{};  ///< of replacing
    steady_time opened{}; ///< also when that failed

    request_counter requests{}; ///< of this client
};

} // namespace

struct publisher::impl {
    impl(boost::asio::io_context& on, publisher_config c);
    ~impl();

    error_code send(lane on, std::string_view topic, const outgoing& record, delivery_listener& listener);
    bool serve();
    void close(milliseconds deadline, std::function<void()> done);

    void open(lane on);
    void begin_replacement(lane_state& of);
    void retire(lane_state& of);
    void reopen();
    void wait_for_tick();
    void on_tick();
    void update();
    void count_in_flight();
    void count_brokers();
    void finish();

    lane_state& at(lane l) { return lanes[static_cast<std::size_t>(l)]; }
    bool ready(const lane_state& of) const {
        return of.client && !of.replacing && of.client->brokers() == reach::verdict::reachable;
    }

    boost::asio::io_context& loop;
    publisher_config config;
    publisher_stats stats;
    lane_chooser chooser;
    bool available = false;
    std::string open_error; ///< why a lane has no producer

    bool closing = false;
    steady_time close_deadline{};
    std::function<void()> closed;

    std::shared_ptr<impl*> self; ///< how handlers on their way learn that this is gone
    std::unique_ptr<event_queue> events;
    boost::asio::steady_timer tick;
    std::array<lane_state, 2> lanes;
    producer_reaper reaper; ///< gone before `events`, which dying producers still wake
};

publisher::impl::impl(boost::asio::io_context& on, publisher_config c)
    : loop(on),
      config(std::move(c)),
      self(std::make_shared<impl*>(this)),
      events(std::make_unique<event_queue>(on, [this] { return serve(); })),
      tick(on),
      reaper(on, [this] { update(); }) {
    open(lane::prompt);
    open(lane::batching);
    wait_for_tick();
}

publisher::impl::~impl() {
    *self = nullptr;
    for (auto& of : lanes)
        retire(of);
}

void publisher::impl::open(lane on) {
    auto client = std::make_unique<producer>(config, on, [e = events.get()] { e->wake_from_anywhere(); });
    events->add(&client->queue());
    at(on) = {.client = std::move(client), .opened = steady_clock::now()};
}

error_code publisher::impl::send(lane on, std::string_view topic, const outgoing& record,
                                 delivery_listener& listener) {
    if (closing)
        return errc::closed;
    if (!available)
        return errc::brokers_down;
    const error_code error = at(on).client->send(topic, record, listener);
    if (!error)
        count_in_flight();
    return error;
}

bool publisher::impl::serve() {
    bool more = false;
    for (auto& of : lanes) {
        std::size_t budget = turn_budget;
        if (of.client && of.client->serve(budget))
            more = true;
    }
    update();
    return more;
}

void publisher::impl::update() {
    for (auto& of : lanes) {
        if (!of.client)
            continue;
        const bool lost = of.client->brokers() == reach::verdict::away && of.client->outstanding() > 0;
        if (!of.replacing && (of.client->failed() || lost))
            begin_replacement(of);
        if (of.replacing && of.client->outstanding() == 0)
            retire(of);
    }
    if (!closing)
        reopen();
    available = !closing && std::ranges::all_of(lanes, [this](const auto& of) { return ready(of); });
    count_in_flight();
    count_brokers();
    for (std::size_t i = 0; i < lanes.size(); ++i)
        if (lanes[i].client)
            lanes[i].requests.count(*lanes[i].client, stats.lanes[i]);
    if (closing && stats.in_flight.load(std::memory_order_relaxed) == 0)
        finish();
}

void publisher::impl::reopen() {
    const auto now = steady_clock::now();
    for (const lane on : {lane::prompt, lane::batching}) {
        if (at(on).client || now < at(on).opened + reopen_interval)
            continue;
        at(on).opened = now;
        try {
            open(on);
        } catch (const std::exception& e) {
            open_error = e.what();
        }
    }
}

/// A producer whose brokers are lost is emptied and replaced rather than emptied and kept: what is purged
/// leaves a gap in the sequence numbers of the idempotent producer, and where librdkafka cannot know whether
/// the broker has what came before the gap, it takes the broker's objection for a fatal error and fails the
/// first records after the outage.
void publisher::impl::begin_replacement(lane_state& of) {
    of.replacing = true;
    of.brokers_lost = !of.client->failed();
    of.since = steady_clock::now();
    if (!of.brokers_lost)
        stats.recreated.fetch_add(1, std::memory_order_relaxed);
    // What was sent before a fatal error will be answered; without a broker nothing will.
    of.client->purge(of.brokers_lost);
}

void publisher::impl::retire(lane_state& of) {
    if (!of.client)
        return;
    events->remove(&of.client->queue());
    reaper.take(std::move(of.client));
}

void publisher::impl::wait_for_tick() {
    tick.expires_after(tick_interval);
    tick.async_wait([self = self](const error_code& error) {
        // One that was due when it was cancelled is told nothing of that: without its events it is finished.
        if (*self == nullptr || error || !(*self)->events)
            return;
        (*self)->wait_for_tick();
        (*self)->on_tick();
    });
}

void publisher::impl::on_tick() {
    const auto now = steady_clock::now();
    for (auto& of : lanes) {
        if (!of.client)
            continue;
        of.client->on_tick(now);
        // Again and again: a record may have been on its way between librdkafka's queues.
        if (closing && now >= close_deadline)
            of.client->purge(true);
        else if (of.replacing)
            of.client->purge(of.brokers_lost || now - of.since >= answer_patience);
    }
    update();
}

void publisher::impl::count_in_flight() {
    std::size_t in_flight = 0;
    for (const auto& of : lanes)
        in_flight += of.client ? of.client->outstanding() : 0;
    stats.in_flight.store(in_flight, std::memory_order_relaxed);
}

void publisher::impl::count_brokers() {
    const auto& reporting = at(lane::batching).client; // the lane with statistics
    static const statistics nothing;
    const statistics& last = reporting ? reporting->last_statistics() : nothing;
    stats.brokers_known.store(static_cast<std::uint64_t>(last.brokers_known), std::memory_order_relaxed);
    stats.brokers_up.store(static_cast<std::uint64_t>(last.brokers_up), std::memory_order_relaxed);
}

void publisher::impl::close(milliseconds deadline, std::function<void()> done) {
    if (closing)
        throw std::logic_error("a publisher is closed once");
    closing = true;
    close_deadline = steady_clock::now() + deadline;
    closed = std::move(done);
    available = false;
    events->wake();
}

/// Nothing is in flight any more: the producers are destroyed, then the loop is let go.
void publisher::impl::finish() {
    if (!events)
        return;
    for (auto& of : lanes)
        retire(of);
    if (reaper.busy())
        return; // it comes back here
    tick.cancel();
    // Not destroyed at once: this may have been called from inside it.
    boost::asio::post(loop, [events = std::move(events), done = std::move(closed)] { done(); });
}

publisher::publisher(boost::asio::io_context& loop, publisher_config config)
    : impl_(std::make_unique<impl>(loop, std::move(config))) {}

publisher::~publisher() = default;

lane publisher::choose_lane(std::size_t events, steady_time now) noexcept {
    return impl_->chooser.choose(events, impl_->stats.in_flight.load(std::memory_order_relaxed), now);
}

error_code publisher::send(lane on, std::string_view topic, const outgoing& record,
                           delivery_listener& listener) {
    return impl_->send(on, topic, record, listener);
}

bool publisher::available() const noexcept {
    return impl_->available;
}

std::string publisher::unavailable_reason() const {
    if (impl_->closing)
        return "closing";
    for (const auto& of : impl_->lanes) {
        if (!of.client)
            return "no producer could be made: " + impl_->open_error;
        if (of.replacing)
            return "a producer is being replaced: " + of.client->last_error();
        if (of.client->brokers() == reach::verdict::away)
            return "no broker can be reached: " + of.client->last_error();
        if (of.client->brokers() == reach::verdict::unknown)
            return "not connected to a broker yet";
    }
    return {};
}

void publisher::close(milliseconds deadline, std::function<void()> done) {
    impl_->close(deadline, std::move(done));
}

const publisher_stats& publisher::stats() const noexcept {
    return impl_->stats;
}

void publisher::inject_fatal_error() {
    for (auto& of : impl_->lanes) {
        if (of.client)
            of.client->inject_fatal_error();
    }
}

} // namespace millrace::kafka

#include "spool_drain.hpp"

#include "millrace/event/partition.hpp"
#include "millrace/kafka/error.hpp"
#include "millrace/runtime/log.hpp"
#include "on_loop.hpp"
#include "spool_lane.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace millrace::ingress {
namespace {

using runtime::level;

constexpr milliseconds tick_interval{50};
constexpr milliseconds refused_interval{10'000};
constexpr milliseconds close_patience{2'000};

/// Stored, and the disk not told yet: with so many, nothing more is sent until it knows.
constexpr std::size_t most_unsettled = 20'000;

} // namespace

spool_drain::spool_drain(kafka::publisher_config config, const topics& known, spool_disk& disk,
                         spool_room& room, spool_keys& keys, drain_stats& stats)
    : topics_(known),
      disk_(disk),
      room_(room),
      keys_(keys),
      stats_(stats),
      publisher_(loop_, std::move(config)) {}

spool_drain::~spool_drain() {
    stop(steady_clock::now());
}

void spool_drain::start(const std::vector<std::string>& topics) {
    for (const std::string& topic : topics)
        lane_of(topic);
    wait_for_tick();
    thread_ = std::jthread([this] { loop_.run(); });
}

void spool_drain::stop(steady_time deadline) {
    if (!thread_.joinable())
        return;
    begin_stop(deadline);
    thread_.join();
}

void spool_drain::begin_stop(steady_time deadline) {
    boost::asio::post(loop_, [this, deadline] {
        stopping_ = true;
        stop_deadline_ = deadline;
        on_tick();
    });
}

void spool_drain::more(const std::vector<std::string>& topics) {
    boost::asio::post(loop_, [this, topics] {
        for (const std::string& topic : topics)
            lane_of(topic).at_end = false;
        pump_soon();
    });
}

spool_drain::lane& spool_drain::lane_of(const std::string& topic) {
    const auto [at, made] = lanes_.try_emplace(topic);
    if (made) {
        at->second.topic = topic;
        at->second.known = topics_.find(topic);
    }
    return at->second;
}

// Not within a delivery report: the publisher is not to be used from there.
void spool_drain::pump_soon() {
    if (!std::exchange(pump_coming_, true))
        boost::asio::post(loop_, [this] {
            pump_coming_ = false;
            pump();
        });
}

void spool_drain::pump() {
    const bool open = !closing_ && publisher_.available();
    open_.store(open, std::memory_order_relaxed);
    for (auto& [topic, of] : lanes_)
        open ? pump(of) : turn_away(of);
}

void spool_drain::pump(lane& of) {
    if (steady_clock::now() < of.paused_until)
        return turn_away(of);
    if (of.known != nullptr && of.known->partitions.load(std::memory_order_relaxed) <= 0)
        return turn_away(of); // an event may have to go to the partition of its id
    while (settled_.size() < most_unsettled)
        if (const spooled_event* next = of.order.next(); next == nullptr || !ship(of, *next))
            break;
    if (of.order.wants_more() && !of.at_end && !of.reading)
        read(of);
    if (!of.passengers.empty())
        ship_passengers(of);
}

void spool_drain::read(lane& of) {
    of.reading = true;
    const spool_window room = of.order.room();
    disk_.read(of.topic, of.order.last(), room.events, room.bytes,
               on_loop(loop_, [this, &of, room](spool_disk::events_or_failure found) {
                   of.reading = false;
                   if (!found) {
                       of.paused_until = steady_clock::now() + spool_pause;
                       return;
                   }
                   std::size_t bytes = 0;
                   of.at_end = found->size() < room.events;
                   for (spooled_event& e : *found) {
                       bytes += e.bytes();
                       of.order.push(std::move(e));
                   }
                   of.at_end = of.at_end && bytes < room.bytes;
                   pump_soon();
               }));
}

error_code spool_drain::send(lane& of, const spooled_event& e, kafka::delivery_listener& listener) {
    const int partitions = of.known != nullptr ? of.known->partitions.load(std::memory_order_relaxed) : 0;
    headers_.clear();
    const bool readable = unpack(e.headers, headers_);
    kafka::outgoing record{.key = e.key, .value = e.value, .headers = headers_, .timestamp = e.received};
    if (!e.key && e.id_from_client && partitions > 0)
        record.partition = partition_id{event::partition_of(e.source, e.id, partitions)};
    if (of.shipments.size() + of.passages.size() == 1) // this one
        of.progress = steady_clock::now();
    return readable ? publisher_.send(kafka::lane::batching, of.topic, record, listener)
                    : make_error_code(kafka::errc::refused);
}

bool spool_drain::ship(lane& of, const spooled_event& e) {
    const std::uint64_t seq = e.seq;
    const error_code error = send(of, e, of.shipments.try_emplace(seq, *this, of, seq).first->second);
    if (error)
        settled(of, seq, {.error = error});
    return !error;
}

void spool_drain::shipment::on_delivery(const kafka::delivery& d) noexcept {
    drain.settled(from, seq, d); // and this is gone
}

void spool_drain::settled(lane& of, std::uint64_t seq, const kafka::delivery& d) {
    of.shipments.erase(seq);
    if (!d.error)
        arrived(of, seq, d);
    else if (d.error == condition::invalid_input)
        refused(of, seq, d);
    else
        failed(of, seq, d);
    pump_soon();
}

void spool_drain::arrived(lane& of, std::uint64_t seq, const kafka::delivery& d) {
    const spool_order::left left = of.order.stored(seq);
    of.complained = false;
    of.progress = steady_clock::now();
    if (left.was_refused)
        stats_.refused.fetch_sub(1, std::memory_order_relaxed);
    else if (left.event.key)
        keys_.remove(of.topic, *left.event.key);
    stats_.published.add();
    settled_.push_back({seq, d.partition, d.offset, d.timestamp, left.event.bytes()});
    settle();
    if (stats_.waiting.fetch_sub(1) == 1)
        runtime::log(level::info, "The spool is empty: all that was in it is stored in Kafka",
                     {{"published_since_start", stats_.published.value()}});
}

// What was answered 202 is never dropped. It does not hold its key up for as long as somebody needs to mend
// this.
void spool_drain::refused(lane& of, std::uint64_t seq, const kafka::delivery& d) {
    const spooled_event* event = of.order.find(seq);
    if (!of.order.refused(seq))
        return;
    stats_.refused.fetch_add(1, std::memory_order_relaxed);
    if (event->key)
        keys_.remove(of.topic, *event->key);
    runtime::log(level::error,
                 "Kafka refuses an event of the spool; it stays there and is tried again. docs/spool.md says "
                 "what can be done",
                 {{"topic", of.topic}, {"seq", seq}, {"id", event->id}, {"reason", d.error.message()}});
}

void spool_drain::failed(lane& of, std::uint64_t seq, const kafka::delivery& d) {
    of.order.failed(seq);
    of.paused_until = steady_clock::now() + spool_pause;
    const bool to_be_mended = d.error == condition::unauthorised || d.error == kafka::errc::unknown_topic;
    if (to_be_mended && !std::exchange(of.complained, true))
        runtime::log(level::error, "The spool cannot publish to a topic; it tries again until it can",
                     {{"topic", of.topic}, {"reason", d.error.message()}});
}

// One at a time; those that arrive meanwhile go together.
void spool_drain::settle() {
    if (settling_ || settled_.empty())
        return;
    settling_ = true;
    disk_.settle(settled_, on_loop(loop_, [this, told = settled_.size()](bool done) {
                     settling_ = false;
                     if (!done) {
                         settle_again_ = steady_clock::now() + spool_pause;
                         return;
                     }
                     const auto end = settled_.begin() + static_cast<std::ptrdiff_t>(told);
                     for (auto e = settled_.begin(); e != end; ++e)
                         room_.give_back(e->bytes);
                     settled_.erase(settled_.begin(), end);
                     settle();
                     pump_soon();
                 }));
}

void spool_drain::wait_for_tick() {
    tick_.expires_after(tick_interval);
    tick_.async_wait([this](error_code cancelled) {
        if (cancelled || closed_)
            return;
        wait_for_tick();
        on_tick();
    });
}

void spool_drain::on_tick() {
    const steady_time now = steady_clock::now();
    if (now >= refused_again_ + refused_interval) {
        refused_again_ = now;
        for (auto& [topic, of] : lanes_)
            of.order.try_refused_again();
    }
    if (now >= settle_again_)
        settle();
    pump();
    if (stopping_ && !closing_ &&
        (stats_.waiting <= stats_.refused || !publisher_.available() || now >= stop_deadline_))
        finish();
}

// What is under way comes back within the patience; what of it is stored, the disk is told.
void spool_drain::finish() {
    closing_ = true;
    pump(); // nobody waits in here any more
    publisher_.close(close_patience, [this] {
        closed_ = true;
        tick_.cancel();
        work_.reset();
        if (const auto left = stats_.waiting.load(); left > 0)
            runtime::log(level::info, "Events stay in the spool; they are published after the next start",
                         {{"events", left}});
    });
}

} // namespace millrace::ingress

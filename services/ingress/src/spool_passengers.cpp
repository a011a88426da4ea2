// Events that go to Kafka behind the last ones of the spool, without touching the disk.
#include "millrace/kafka/error.hpp"
#include "spool_lane.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace millrace::ingress {
namespace {

/// So few are sent while a passenger waits.
constexpr std::uint64_t nearly_empty = 4'096;

/// Without progress for so long a topic is stuck: who waits for it is better off on the disk.
constexpr milliseconds patience_of_passengers{2'000};

} // namespace

bool spool_drain::takes_passengers() const noexcept {
    return open_.load(std::memory_order_relaxed) &&
           stats_.waiting.load(std::memory_order_relaxed) < nearly_empty;
}

void spool_drain::pass(std::vector<spool_passenger> events) {
    boost::asio::post(loop_, [this, events = std::move(events)]() mutable {
        lane& of = lane_of(events.front().event.topic);
        for (spool_passenger& p : events)
            of.passengers.push_back(std::move(p));
        pump();
    });
}

// What was on the disk when they came is sent by now, on the same lane of the same producer.
void spool_drain::ship_passengers(lane& of) {
    const bool under_way = !of.shipments.empty() || !of.passages.empty();
    if (under_way && steady_clock::now() >= of.progress + patience_of_passengers)
        return turn_away(of);
    while (!of.passengers.empty() && of.at_end && of.order.all_sent()) {
        const std::uint64_t id = next_passage_++;
        passage& p =
            of.passages.try_emplace(id, *this, of, id, std::move(of.passengers.front())).first->second;
        of.passengers.pop_front();
        if (const error_code error = send(of, p.who.event, p))
            passed(of, id, {.error = error});
    }
    if (of.order.stuck()) // who waits for what is not sent is better off on the disk, too
        turn_away(of);
}

void spool_drain::passage::on_delivery(const kafka::delivery& d) noexcept {
    drain.passed(from, id, d); // and this is gone
}

void spool_drain::passed(lane& of, std::uint64_t id, const kafka::delivery& d) {
    spool_passenger who = std::move(of.passages.at(id).who);
    of.passages.erase(id);
    if (d.error && d.error != condition::invalid_input)
        of.paused_until = steady_clock::now() + spool_pause;
    else
        of.progress = steady_clock::now();
    let_off(std::move(who), d);
}

void spool_drain::turn_away(lane& of) {
    for (spool_passenger& p : std::exchange(of.passengers, {}))
        let_off(std::move(p), {.error = kafka::errc::not_stored});
}

void spool_drain::let_off(spool_passenger who, const kafka::delivery& d) {
    if (who.event.key)
        keys_.remove(who.event.topic, *who.event.key);
    stats_.passing.fetch_sub(1, std::memory_order_relaxed);
    const auto done = std::move(who.done);
    done(d, std::move(who.event));
}

} // namespace millrace::ingress

#include "spool.hpp"

#include "idempotency_identity.hpp"
#include "millrace/event/record.hpp"
#include "millrace/runtime/log.hpp"
#include "spool_delivery.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace millrace::ingress {
namespace {

using runtime::level;

/// A record waits for as long as it takes: were it given up, one behind it could pass it.
kafka::publisher_config publisher_config_of(const settings::file& s) {
    kafka::publisher_config config;
    config.client = {s.kafka.brokers, s.kafka.client_id, s.kafka.properties};
    config.delivery_timeout = milliseconds(0);
    config.max_queued_events = 10'000'000; // bounded by the windows of the topics
    return config;
}

/// Puts the events of a spool that is opened again where a retry will look for them.
class window_filler {
  public:
    explicit window_filler(idempotency_window& window) : window_(window) {}

    void fill(const spooled_event& e) {
        if (!window_.on() || !e.id_from_client)
            return;
        headers_.clear();
        if (!unpack(e.headers, headers_))
            return;
        const auto read = reader_.read({.key = e.key, .value = e.value, .headers = headers_});
        if (!read)
            return;
        const identities known(window_.secret(), e.topic, e.poster);
        const identity is = e.known_by_key ? known.of_request(e.id, *read) : known.of_event(*read);
        const auto claimed = window_.claim(is, steady_clock::now(), nullptr);
        if (claimed.is == idempotency_window::verdict::first)
            window_.settle(claimed.held, spooled_delivery(e.received));
    }

  private:
    idempotency_window& window_;
    event::record_reader reader_;
    std::vector<field> headers_;
};

} // namespace

spool::spool(const settings::file& from, const topics& known, idempotency_window& window)
    : room_(from.spool.max_bytes, std::chrono::seconds(from.spool.max_age_seconds)),
      disk_(load(from.spool, window), room_),
      drain_(publisher_config_of(from), known, disk_, room_, keys_, drained_) {
    disk_.start([this](const std::vector<std::string>& topics) { drain_.more(topics); });
    drain_.start(found_topics_);
}

spool::~spool() {
    stop(steady_clock::now());
}

std::unique_ptr<spool_store> spool::load(const settings::spool& from, idempotency_window& window) {
    auto store = std::make_unique<spool_store>(
        from.path, receipt_limits{from.max_receipts, std::chrono::seconds(from.receipt_seconds)});
    window_filler filler(window);
    std::uint64_t events = 0;
    store->each([&](const spooled_event& e) {
        ++events;
        room_.found(e.bytes());
        if (e.key)
            keys_.add(e.topic, *e.key);
        if (std::ranges::find(found_topics_, e.topic) == found_topics_.end())
            found_topics_.push_back(e.topic);
        filler.fill(e);
    });
    drained_.waiting = events;
    if (events > 0)
        runtime::log(level::info, "Events wait in the spool; they are published when Kafka can be reached",
                     {{"events", events}, {"bytes", room_.bytes()}, {"path", from.path}});
    return store;
}

error_code spool::add(std::vector<spooled_event> events, std::function<void(error_code)> done) {
    std::uint64_t bytes = 0;
    for (const spooled_event& e : events)
        bytes += e.bytes();
    if (const error_code refused = room_.take(bytes, system_now()))
        return refused;
    std::vector<std::pair<std::string, std::string>> keys;
    for (const spooled_event& e : events)
        if (e.key) {
            keys_.add(e.topic, *e.key);
            keys.emplace_back(e.topic, *e.key);
        }
    const std::size_t count = events.size();
    if (drained_.waiting.fetch_add(count) == 0)
        runtime::log(level::warn, "Events go to the spool until Kafka takes them");
    disk_.add(std::move(events),
              [this, bytes, count, keys = std::move(keys), done = std::move(done)](error_code failed) {
                  if (failed) {
                      for (const auto& [topic, key] : keys)
                          keys_.remove(topic, key);
                      room_.give_back(bytes);
                      drained_.waiting.fetch_sub(count);
                  } else {
                      added_.fetch_add(count, std::memory_order_relaxed);
                  }
                  done(failed);
              });
    return {};
}

void spool::pass(std::vector<spool_passenger> events) {
    for (const spool_passenger& p : events)
        if (p.event.key)
            keys_.add(p.event.topic, *p.event.key);
    drained_.passing.fetch_add(events.size(), std::memory_order_relaxed);
    drain_.pass(std::move(events));
}

bool spool::find(std::string id, std::optional<std::string> source,
                 std::function<void(std::optional<spool_receipt>)> done) {
    return disk_.find(std::move(id), std::move(source), std::move(done));
}

void spool::stop(steady_time deadline) {
    drain_.stop(deadline);
    disk_.stop();
}

} // namespace millrace::ingress

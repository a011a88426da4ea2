// Publishes records durably: acks=all, idempotent, and says of each one whether it is stored, not stored, or
// whether nobody knows. One a loop.
#pragma once

#include "millrace/core/error.hpp"
#include "millrace/kafka/client_config.hpp"
#include "millrace/kafka/record.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace millrace::kafka {

/// The fate of one record. Without error it is stored. Otherwise the error's condition says which:
/// `unavailable`, `overloaded`, `timed_out` - not stored (librdkafka's status NOT_PERSISTED); `invalid_input`
/// - the broker refused it for good (too large: errc::too_large), not stored; `unauthorised` - the broker
/// does not let this client write there, not stored; `outcome_unknown` - POSSIBLY_PERSISTED.
struct delivery {
    error_code error;
    partition_id partition{};
    record_offset offset{};
    unix_ms timestamp;
};

/// Told once for each record that `send` took. Owned by the caller; has to live until then.
class delivery_listener {
  public:
    virtual void on_delivery(const delivery& d) noexcept = 0;

    /// In its place for a record that is certainly not stored: here it is again, for as long as the call
    /// lasts.
    virtual void on_return(const delivery& d, const message& record) noexcept {
        static_cast<void>(record);
        on_delivery(d);
    }

  protected:
    ~delivery_listener() = default;
};

/// Events that wait for each other stay on one lane: the lanes are two producers, and there is no order
/// between them. `prompt` sends at once, for few events in flight; `batching` lingers 0.5 ms, for many
/// (docs/adr/0003).
enum class lane : std::uint8_t { prompt, batching };

struct publisher_config {
    client_config client;
    milliseconds delivery_timeout{8'500}; ///< message.timeout.ms; a report comes at most a second later.
                                          ///< 0: a record waits for as long as the brokers are there
    std::size_t max_queued_events = 100'000;
};

/// What librdkafka says of a lane's requests to brokers, every second. Durations are averages of the latest
/// second in which there was something to measure, 0 before the first; counts go on when a producer is
/// replaced.
struct lane_stats {
    std::atomic<std::uint64_t> requests_waiting{0}; ///< to be sent, or sent and not answered
    std::atomic<std::uint64_t> request_errors{0};
    std::atomic<std::uint64_t> request_retries{0};
    std::atomic<std::uint64_t> request_timeouts{0};
    std::atomic<std::uint64_t> queue_us{0}; ///< of an event, until it is put into a request
    std::atomic<std::uint64_t> round_trip_us{0};
    std::atomic<std::uint64_t> throttle_us{0};
};

/// Counters written on the loop, readable anywhere.
struct publisher_stats {
    std::atomic<std::uint64_t> in_flight{0};
    std::atomic<std::uint64_t> brokers_up{0};
    std::atomic<std::uint64_t> brokers_known{0};
    std::atomic<std::uint64_t> recreated{0}; ///< producers replaced after a fatal error
    std::array<lane_stats, 2> lanes;         ///< by lane
};

class publisher {
  public:
    /// Throws std::runtime_error with librdkafka's message where the configuration is not usable.
    publisher(boost::asio::io_context& loop, publisher_config config);
    /// Blocks for no more than a moment; call `close` before.
    ~publisher();
    publisher(const publisher&) = delete;
    publisher& operator=(const publisher&) = delete;

    /// Which lane the events of the next request go on, all of them together. `now` may be a little old.
    lane choose_lane(std::size_t events, steady_time now = steady_clock::now()) noexcept;

    /// Takes the record, copying it, or says at once why not: `unavailable` while the broker is known to be
    /// away, `overloaded` where librdkafka's queue is full, errc::too_large, errc::unknown_topic. After an
    /// error the listener is not told. Never blocks.
    error_code send(lane on, std::string_view topic, const outgoing& record, delivery_listener& listener);

    /// Whether a record sent now could be delivered: false from the moment all brokers are known to be away
    /// (events still in librdkafka's queue are then reported not stored at once) until one of them is back.
    bool available() const noexcept;
    /// Why not, for readers.
    std::string unavailable_reason() const;

    /// Takes nothing more, waits for what is in flight until the deadline, then purges it (each event is
    /// reported), and calls `done` on the loop.
    void close(milliseconds deadline, std::function<void()> done);

    const publisher_stats& stats() const noexcept;

    /// For tests: makes librdkafka raise a fatal error (rd_kafka_test_fatal_error) on both lanes.
    void inject_fatal_error();

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::kafka

// Publishes what is in the spool, on a thread and with producers of its own: at least once, in order, and out
// of the database only when Kafka has it. docs/adr/0016
#pragma once

#include "millrace/kafka/publisher.hpp"
#include "spool_disk.hpp"
#include "spool_keys.hpp"
#include "spool_order.hpp"
#include "topics.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace millrace::ingress {

/// An event that must not pass others of its key, at a time when they are about to be sent: it waits for them
/// in memory rather than on the disk. Or a key that is never quiet would never leave the spool.
struct spool_passenger {
    spooled_event event;
    /// On the drain's thread, with the event: what Kafka said, or errc::not_stored where it has to go to the
    /// disk after all.
    std::function<void(const kafka::delivery&, spooled_event)> done;
};

/// Of the events that are on the disk or on their way there; any thread.
struct drain_stats {
    std::atomic<std::uint64_t> waiting{0}; ///< events that Kafka does not have
    std::atomic<std::uint64_t> refused{0}; ///< of them: that Kafka refused for good
    std::atomic<std::uint64_t> passing{0}; ///< events that go to Kafka behind them, without touching the disk
    runtime::counter published;
};

/// Lives on its own thread; the references outlive it.
class spool_drain {
  public:
    spool_drain(kafka::publisher_config config, const topics& known, spool_disk& disk, spool_room& room,
                spool_keys& keys, drain_stats& stats);
    ~spool_drain();

    /// `topics`: of which there are events already.
    void start(const std::vector<std::string>& topics);

    /// There are more, of these topics. Any thread.
    void more(const std::vector<std::string>& topics);

    /// Whether what is on the disk is so little that others may wait for it to go. Any thread.
    bool takes_passengers() const noexcept;

    /// They go behind what is there, in this order: all of one topic. Any thread; once `takes_passengers`.
    void pass(std::vector<spool_passenger> events);

    /// Goes on for as long as the broker is there, at most to the deadline; blocks until then. What is left
    /// stays on the disk.
    void stop(steady_time deadline);

    /// Begins it; nothing new may be passed from here on. Any thread.
    void begin_stop(steady_time deadline);

  private:
    struct lane;

    struct shipment final : kafka::delivery_listener {
        shipment(spool_drain& owner, lane& of, std::uint64_t number) : drain(owner), from(of), seq(number) {}
        void on_delivery(const kafka::delivery& d) noexcept override;

        spool_drain& drain;
        lane& from;
        std::uint64_t seq;
    };

    struct passage final : kafka::delivery_listener {
        passage(spool_drain& owner, lane& of, std::uint64_t number, spool_passenger p)
            : drain(owner), from(of), id(number), who(std::move(p)) {}
        void on_delivery(const kafka::delivery& d) noexcept override;

        spool_drain& drain;
        lane& from;
        std::uint64_t id;
        spool_passenger who;
    };

    lane& lane_of(const std::string& topic);
    void pump_soon();
    void pump();
    void pump(lane& of);
    bool ship(lane& of, const spooled_event& e);
    error_code send(lane& of, const spooled_event& e, kafka::delivery_listener& listener);
    void ship_passengers(lane& of);
    void passed(lane& of, std::uint64_t id, const kafka::delivery& d);
    void turn_away(lane& of);
    void let_off(spool_passenger who, const kafka::delivery& d);
    void read(lane& of);
    void settled(lane& of, std::uint64_t seq, const kafka::delivery& d);
    void arrived(lane& of, std::uint64_t seq, const kafka::delivery& d);
    void refused(lane& of, std::uint64_t seq, const kafka::delivery& d);
    void failed(lane& of, std::uint64_t seq, const kafka::delivery& d);
    void settle();
    void wait_for_tick();
    void on_tick();
    void finish();

    const topics& topics_;
    spool_disk& disk_;
    spool_room& room_;
    spool_keys& keys_;
    drain_stats& stats_;
    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
    boost::asio::steady_timer tick_{loop_};
    kafka::publisher publisher_;
    std::map<std::string, lane, std::less<>> lanes_; ///< by topic
    std::vector<settled_event> settled_;             ///< to be told to the disk
    std::vector<field> headers_;                     ///< scratch memory
    steady_time refused_again_{};
    steady_time settle_again_{};
    steady_time stop_deadline_{};
    std::uint64_t next_passage_ = 1;
    std::atomic<bool> open_{false}; ///< the broker is there
    bool settling_ = false;
    bool pump_coming_ = false;
    bool stopping_ = false;
    bool closing_ = false;
    bool closed_ = false;
    std::jthread thread_;
};

} // namespace millrace::ingress

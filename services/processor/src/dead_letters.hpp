// Events that cannot be handled, on their way to `<topic>.dlq`: tried until they are stored there, for ever.
#pragma once

#include "millrace/core/random.hpp"
#include "millrace/kafka/publisher.hpp"
#include "millrace/processor/retry_policy.hpp"
#include "topic_keeper.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

namespace millrace::processor {

/// The headers that a dead letter has besides the record's own; contract section 3.2.
namespace dlq_header {
inline constexpr std::string_view topic = "millrace_dlq_topic";
inline constexpr std::string_view partition = "millrace_dlq_partition";
inline constexpr std::string_view offset = "millrace_dlq_offset";
inline constexpr std::string_view timestamp_ms = "millrace_dlq_timestamp_ms";
inline constexpr std::string_view group = "millrace_dlq_group";
inline constexpr std::string_view attempts = "millrace_dlq_attempts";
inline constexpr std::string_view error_class = "millrace_dlq_error_class";
inline constexpr std::string_view error_message = "millrace_dlq_error_message";
inline constexpr std::string_view failed_at = "millrace_dlq_failed_at";
} // namespace dlq_header

std::string dead_letter_topic(std::string_view topic);

struct dead_letter {
    kafka::message record;
    unsigned attempts = 0;
    std::string error_class;
    std::string error_message;
    unix_ms failed_at;
};

/// Lives on the loop. Holds no more letters than the pipeline lets events wait. Close it, or destroy it after
/// the loop has stopped running.
class dead_letters {
  public:
    class owner {
      public:
        /// False: somebody else takes care of the event by now; it is let go.
        virtual bool wants_dead_letter(std::uint32_t ticket, std::uint32_t generation) const noexcept = 0;
        /// The broker has acknowledged it.
        virtual void on_dead_letter_stored(std::uint32_t ticket, std::uint32_t generation) noexcept = 0;

      protected:
        ~owner() = default;
    };

    /// Throws std::runtime_error where the client's configuration is not usable. `topics` outlives it.
    dead_letters(boost::asio::io_context& loop, kafka::client_config client, std::string group,
                 topic_keeper& topics);

    /// Who is told of everything stored from now on.
    void serve(owner& of) noexcept { owner_ = &of; }
    /// Nobody is: the records, which must not outlive their consumer, are let go. What was sent may still be
    /// stored.
    void abandon() noexcept;

    void store(std::uint32_t ticket, std::uint32_t generation, dead_letter letter);

    /// Letters that are not stored by the deadline are given up; their events were not committed.
    void close(milliseconds deadline, std::function<void()> done);

    std::size_t pending() const noexcept { return letters_.size(); }
    const std::string& last_error() const noexcept { return last_error_; } ///< empty once one was stored

  private:
    // One letter under way: it hears what became of its delivery.
    struct letter final : kafka::delivery_listener {
        letter(dead_letters& all, std::uint32_t of, std::uint32_t gen, dead_letter&& what)
            : home(all),
              ticket(of),
              generation(gen),
              content(std::move(what)),
              topic(dead_letter_topic(content.record.topic())) {}
        void on_delivery(const kafka::delivery& d) noexcept override { home.on_delivery(*this, d); }

        dead_letters& home;
        std::uint32_t ticket;
        std::uint32_t generation;
        dead_letter content;
        std::string topic; ///< the dead-letter topic
        std::list<letter>::iterator self;
        bool sent = false;
        bool too_large = false; ///< as was found and said
    };

    error_code send(letter& l);
    void send_all();
    void say_too_large(letter& l);
    void on_delivery(letter& l, const kafka::delivery& d) noexcept;
    void try_later(letter& l, error_code why);

    boost::asio::steady_timer timer_;
    std::string group_;
    topic_keeper& topics_;
    owner* owner_ = nullptr;
    fast_random random_;
    retry_policy policy_{UINT64_MAX, milliseconds{100}, milliseconds{5'000}};
    std::uint64_t failures_ = 0; ///< in a row
    bool timer_runs_ = false;
    bool closed_ = false;
    std::string last_error_;
    std::list<letter> letters_;
    kafka::publisher publisher_; ///< last: it tells the letters of their fate while it goes
};

} // namespace millrace::processor

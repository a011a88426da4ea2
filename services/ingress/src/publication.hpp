// One request between librdkafka and its answer: who waits, and what became of each event. Contract
// section 2.2.
#pragma once

#include "answers.hpp"
#include "idempotency_window.hpp"
#include "millrace/core/clock.hpp"
#include "millrace/http/request.hpp"
#include "millrace/kafka/publisher.hpp"
#include "spooled_event.hpp"
#include "topics.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace millrace::ingress {

class publication;

/// What the spool keeps of a request, besides its events.
struct request_origin {
    std::string poster;
    unix_ms received;
    bool ids_from_client = false;
    bool known_by_key = false;
};

struct returned_event {
    std::size_t index = 0;
    spooled_event event;
};

/// The loop's side of a publication.
class publication_owner {
  public:
    /// What became of an event that is held in the idempotency window. Comes before `settled`.
    virtual void release(idempotency_window::hold held, const kafka::delivery& outcome) noexcept = 0;

    /// Every event of the publication has been settled, or came back and is kept. Where one came back, those
    /// that wait for a twin are not waited for: the twin may be the one that came back, or wait for it.
    virtual void settled(publication& p) noexcept = 0;

    /// An event came back that is certainly not stored: true where it is kept in `returned`, to be sent
    /// another way. It is settled later then.
    virtual bool keep(publication& p, std::size_t index, const kafka::delivery& d,
                      const kafka::message& record) noexcept {
        static_cast<void>(p), static_cast<void>(index), static_cast<void>(d), static_cast<void>(record);
        return false;
    }

  protected:
    ~publication_owner() = default;
};

/// Lives in a publication_pool on one loop; used again for later requests, so that a steady load allocates
/// nothing.
class publication {
  public:
    publication(publication_owner& owner, boost::asio::io_context& loop) : owner_(owner), loop_(loop) {}
    publication(const publication&) = delete;
    publication& operator=(const publication&) = delete;

    void begin(http::exchange& waiting, const topic& to, std::size_t events, bool batch, std::uint64_t bytes);

    /// Remembers what the receipt will need. Each event is then sent, failed, known already, or waits for its
    /// twin.
    void expect(std::size_t index, std::string_view id, std::string_view source);

    /// For `publisher::send`.
    kafka::delivery_listener& listener(std::size_t index) noexcept { return slots_[index]; }

    /// For `idempotency_window::claim`.
    twin& waiter(std::size_t index) noexcept { return slots_[index]; }

    /// The event is the first of its identity: the window is told what becomes of it.
    void hold(std::size_t index, idempotency_window::hold held) noexcept { slots_[index].held = held; }

    /// The event has an answer already.
    void replay(std::size_t index, const kafka::delivery& first);

    /// The event's answer will be its twin's.
    void wait(std::size_t index) noexcept;

    /// The event was not taken by the publisher: settled right away.
    void fail(std::size_t index, error_code why);

    /// Another's `keep`: an event that was not sent by this loop is certainly not stored, and here it is.
    void came_back(const kafka::delivery& d, returned_event event);

    /// An event that was kept goes no other way after all: what became of it first stands.
    void let_stand(std::size_t index) noexcept;

    /// All events have been dealt with; calls the owner at once where none is outstanding.
    void sealed();

    /// Whether the event is published by this request, rather than by an earlier one.
    bool is_own(std::size_t index) const noexcept { return slots_[index].own; }
    std::size_t own_events() const noexcept;

    const std::string& id(std::size_t index) const noexcept { return slots_[index].id; }
    const std::string& source(std::size_t index) const noexcept { return slots_[index].source; }

    std::span<const outcome> outcomes();
    /// The same before the last is settled: of the others nobody knows.
    std::span<const outcome> outcomes_so_far();

    http::exchange* waiting = nullptr; ///< null once answered
    const topic* to = nullptr;
    bool batch = false;
    bool refused = false;             ///< answered 4xx after all; nothing of it is published
    idempotency_window::hold request; ///< what is known of the request as a whole, by its Idempotency-Key
    std::uint64_t bytes = 0;          ///< taken of the budget
    std::uint64_t body_bytes = 0;     ///< of the request
    request_origin origin;            ///< where there is a spool
    std::vector<returned_event> returned;
    steady_time handed_over;
    std::size_t events() const noexcept { return count_; }

    publication* older = nullptr; ///< in the pool's list of those under way
    publication* newer = nullptr;

  private:
    struct slot final : twin {
        void on_delivery(const kafka::delivery& d) noexcept override;
        void on_return(const kafka::delivery& d, const kafka::message& record) noexcept override;
        void forget_long_names() noexcept; ///< a pool must not keep the longest that ever came

        publication* parent = nullptr;
        std::size_t index = 0;
        idempotency_window::hold held;
        bool own = true;
        bool awaits = false; ///< its twin is not settled yet
        bool settled = false;
        std::string id;
        std::string source;
        kafka::delivery result;
    };

    void one_settled() noexcept;
    void tell_owner() noexcept;

    publication_owner& owner_;
    boost::asio::io_context& loop_;
    std::deque<slot> slots_; ///< grows, never moves: librdkafka holds pointers
    std::size_t count_ = 0;
    std::size_t outstanding_ = 0;
    std::size_t awaited_ = 0; ///< of these, those that wait for a twin
    std::vector<outcome> outcomes_;

    friend class publication_pool;
};

/// Owns the publications of a loop and keeps those under way in the order of their start. After a peak it
/// keeps only some of them for later.
class publication_pool {
  public:
    publication_pool(publication_owner& owner, boost::asio::io_context& loop);
    ~publication_pool();
    publication_pool(const publication_pool&) = delete;
    publication_pool& operator=(const publication_pool&) = delete;

    publication& take();
    void give_back(publication& p);

    publication* oldest() const noexcept { return oldest_; }
    std::size_t spare() const noexcept { return free_.size(); }

  private:
    publication_owner& owner_;
    boost::asio::io_context& loop_;
    std::vector<std::unique_ptr<publication>> free_;
    publication* oldest_ = nullptr;
    publication* newest_ = nullptr;
};

} // namespace millrace::ingress

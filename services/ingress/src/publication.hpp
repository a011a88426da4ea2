// One request between librdkafka and its answer: who waits, and what became of each event. Contract
// section 2.2.
#pragma once

#include "answers.hpp"
#include "millrace/core/clock.hpp"
#include "millrace/http/request.hpp"
#include "millrace/kafka/publisher.hpp"
#include "topics.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace millrace::ingress {

class publication;

/// Told when every event of a publication has been settled.
class publication_owner {
  public:
    virtual void settled(publication& p) noexcept = 0;

  protected:
    ~publication_owner() = default;
};

/// Lives in a publication_pool on one loop; used again for later requests, so that a steady load allocates
/// nothing.
class publication {
  public:
    explicit publication(publication_owner& owner) : owner_(owner) {}
    publication(const publication&) = delete;
    publication& operator=(const publication&) = delete;

    void begin(http::exchange& waiting, const topic& to, std::size_t events, bool batch, std::uint64_t bytes);

    /// Remembers what the receipt will need, and gives the listener for `publisher::send`.
    kafka::delivery_listener& expect(std::size_t index, std::string_view id, std::string_view source);

    /// The event was not taken by the publisher: settled right away.
    void fail(std::size_t index, error_code why);

    /// All events have been handed over or failed; calls the owner at once where none is outstanding.
    void sealed();

    std::span<const outcome> outcomes();

    http::exchange* waiting = nullptr; ///< null once answered
    const topic* to = nullptr;
    bool batch = false;
    std::uint64_t bytes = 0;
    steady_time handed_over;
    std::size_t events() const noexcept { return count_; }

    publication* older = nullptr; ///< in the pool's list of those under way
    publication* newer = nullptr;

  private:
    struct slot final : kafka::delivery_listener {
        void on_delivery(const kafka::delivery& d) noexcept override;

        publication* parent = nullptr;
        std::string id;
        std::string source;
        kafka::delivery result;
    };

    void one_settled() noexcept;

    publication_owner& owner_;
    std::deque<slot> slots_; ///< grows, never moves: librdkafka holds pointers
    std::size_t count_ = 0;
    std::size_t outstanding_ = 0;
    std::vector<outcome> outcomes_;

    friend class publication_pool;
};

/// Owns the publications of a loop and keeps those under way in the order of their start. After a peak it
/// keeps only some of them for later.
class publication_pool {
  public:
    explicit publication_pool(publication_owner& owner);
    ~publication_pool();
    publication_pool(const publication_pool&) = delete;
    publication_pool& operator=(const publication_pool&) = delete;

    publication& take();
    void give_back(publication& p);

    publication* oldest() const noexcept { return oldest_; }
    std::size_t spare() const noexcept { return free_.size(); }

  private:
    publication_owner& owner_;
    std::vector<std::unique_ptr<publication>> free_;
    publication* oldest_ = nullptr;
    publication* newest_ = nullptr;
};

} // namespace millrace::ingress

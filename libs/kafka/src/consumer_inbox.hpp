// Messages between librdkafka's queue and the listener: taken in batches, parked where their partition is
// paused.
#pragma once

#include "handles.hpp"
#include "millrace/core/types.hpp"
#include "millrace/kafka/record.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace millrace::kafka {

/// One queue for the messages of all partitions, apart from the group's events, so that either can be served
/// without the other. Lives on the consumer's loop.
///
/// librdkafka takes a message as consumed when it leaves its queue, and fetches on from there after a pause:
/// what was taken must never be thrown away but with its partition. So a pause parks it here. What is still
/// in the queue when a partition is paused is thrown away by librdkafka and would be fetched again: so it is
/// taken before, up to a bound, and told before more is fetched. Bound: `max_kept_bytes`, a batch, and one
/// more for each paused partition.
class inbox {
  public:
    static constexpr std::size_t batch = 256;
    /// With what a message takes besides its key and value; as much as librdkafka's own queue may hold.
    static constexpr std::size_t max_kept_bytes = 24'576 * 1'024;

    explicit inbox(rd_kafka_t& client);
    ~inbox();
    inbox(const inbox&) = delete;
    inbox& operator=(const inbox&) = delete;

    rd_kafka_queue_t* queue() const noexcept { return queue_.get(); }

    /// Leads the partition's messages here; to be called before each assignment of it. False: librdkafka
    /// would not.
    bool collect(const topic_partition& from);

    /// The next one to be told of (a record, or an `err` such as the end of a partition); none where
    /// librdkafka's queue was found empty too: then it signals the next.
    rd_kafka_message_t* next();

    /// Takes what is queued, as far as there is room.
    void gather();
    void park(std::span<const topic_partition> partitions);
    /// Whether something was parked: it is told next, and then `caught_up` says so.
    bool unpark(const topic_partition& partition);
    bool caught_up() const noexcept { return !caught_up_.empty(); }
    std::vector<topic_partition> take_caught_up() { return std::exchange(caught_up_, {}); }
    void drop(std::span<const topic_partition> partitions);
    void clear() noexcept;

  private:
    struct backlog {
        topic_partition of;
        const rd_kafka_message_t* last;
    };

    void refill();
    void told(const rd_kafka_message_t* m);
    void forget_backlogs(std::span<const topic_partition> partitions);

    rd_kafka_t& client_;
    queue_ptr queue_;
    std::vector<rd_kafka_message_t*> taken_; ///< those from head_ on are still to be told
    std::size_t head_ = 0;
    std::vector<rd_kafka_message_t*> parked_;
    std::vector<backlog> backlogs_; ///< unparked and not all told
    std::vector<topic_partition> caught_up_;
};

} // namespace millrace::kafka

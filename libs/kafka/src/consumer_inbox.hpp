// Messages between librdkafka's queue and the listener: taken in batches, parked where their partition is
// paused.
#pragma once

#include "handles.hpp"
#include "millrace/core/types.hpp"
#include "millrace/kafka/record.hpp"

#include <span>
#include <vector>

namespace millrace::kafka {

/// One queue for the messages of all partitions, apart from the group's events, so that either can be served
/// without the other. Lives on the consumer's loop.
///
/// librdkafka takes a message as consumed when it leaves its queue, and fetches on from there after a pause:
/// what was taken must never be thrown away but with its partition. So a pause parks it here. Bound: a batch,
/// and one more for each paused partition.
class inbox {
  public:
    static constexpr std::size_t batch = 256;

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

    void park(std::span<const topic_partition> partitions);
    void unpark(std::span<const topic_partition> partitions);
    void drop(std::span<const topic_partition> partitions);
    void clear() noexcept;

  private:
    void refill();

    rd_kafka_t& client_;
    queue_ptr queue_;
    std::vector<rd_kafka_message_t*> taken_; ///< those from head_ on are still to be told
    std::size_t head_ = 0;
    std::vector<rd_kafka_message_t*> parked_;
};

} // namespace millrace::kafka

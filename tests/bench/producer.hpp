// One librdkafka producer, acks=all and idempotent, whose delivery reports are served on a loop.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>

namespace millrace::bench {

/// Told once of each event that `producer::send` took.
class delivery_slot {
  public:
    virtual void on_delivery(bool stored) noexcept = 0;

  protected:
    ~delivery_slot() = default;
};

struct producer_options {
    std::string brokers;
    std::string topic;
    std::string linger_ms;
    std::string
        sticky_ms; ///< sticky.partitioning.linger.ms; librdkafka's default, twice the linger, where empty
    bool headers = false; ///< each record carries headers such as the product's; their values are constant
};

class producer {
  public:
    /// Reports are announced by eight bytes written to `eventfd`. Throws std::runtime_error with librdkafka's
    /// message.
    producer(const producer_options& options, int eventfd);
    ~producer();
    producer(const producer&) = delete;
    producer& operator=(const producer&) = delete;

    /// Copies the value. False: not taken, and the slot is not told.
    bool send(std::string_view value, delivery_slot& slot) noexcept;

    /// Tells the slots of all reports that have come; how many there were.
    std::size_t serve() noexcept;

  private:
    template <auto Destroy>
    struct destroy_with {
        template <class T>
        void operator()(T* p) const noexcept {
            Destroy(p);
        }
    };
    std::unique_ptr<rd_kafka_headers_t, destroy_with<rd_kafka_headers_destroy>> headers_;
    std::unique_ptr<rd_kafka_t, destroy_with<rd_kafka_destroy>> client_;
    std::unique_ptr<rd_kafka_topic_t, destroy_with<rd_kafka_topic_destroy>> topic_;
    std::unique_ptr<rd_kafka_queue_t, destroy_with<rd_kafka_queue_destroy>> reports_;
};

} // namespace millrace::bench

// One owner for each C object of librdkafka.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

namespace millrace::kafka {

/// Calls the C function that destroys the object.
template <auto Destroy>
struct destroy_with {
    template <class T>
    void operator()(T* p) const noexcept {
        Destroy(p);
    }
};

using client_ptr = std::unique_ptr<rd_kafka_t, destroy_with<rd_kafka_destroy>>;
using conf_ptr = std::unique_ptr<rd_kafka_conf_t, destroy_with<rd_kafka_conf_destroy>>;
using queue_ptr = std::unique_ptr<rd_kafka_queue_t, destroy_with<rd_kafka_queue_destroy>>;
using event_ptr = std::unique_ptr<rd_kafka_event_t, destroy_with<rd_kafka_event_destroy>>;
using topic_ptr = std::unique_ptr<rd_kafka_topic_t, destroy_with<rd_kafka_topic_destroy>>;
using headers_ptr = std::unique_ptr<rd_kafka_headers_t, destroy_with<rd_kafka_headers_destroy>>;
using error_ptr = std::unique_ptr<rd_kafka_error_t, destroy_with<rd_kafka_error_destroy>>;
using message_ptr = std::unique_ptr<rd_kafka_message_t, destroy_with<rd_kafka_message_destroy>>;
using partition_list_ptr =
    std::unique_ptr<rd_kafka_topic_partition_list_t, destroy_with<rd_kafka_topic_partition_list_destroy>>;

} // namespace millrace::kafka

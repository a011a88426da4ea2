// librdkafka's lists of partitions, made from ours and back. Not part of the interface.
#pragma once

#include "handles.hpp"
#include "millrace/core/types.hpp"

#include <span>
#include <vector>

namespace millrace::kafka {

partition_list_ptr to_list(std::span<const topic_partition> partitions);
topic_partition to_partition(const rd_kafka_topic_partition_t& element);
std::vector<topic_partition> to_vector(const rd_kafka_topic_partition_list_t* list);

/// A list's elements, which is empty where there is no list.
std::span<rd_kafka_topic_partition_t> elements(rd_kafka_topic_partition_list_t* list) noexcept;

} // namespace millrace::kafka

// Conversions of lists of partitions.
#include "consumer_partitions.hpp"

namespace millrace::kafka {

partition_list_ptr to_list(std::span<const topic_partition> partitions) {
    partition_list_ptr list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const auto& p : partitions)
        rd_kafka_topic_partition_list_add(list.get(), p.topic.c_str(), value(p.partition));
    return list;
}

topic_partition to_partition(const rd_kafka_topic_partition_t& element) {
    return {element.topic, partition_id{element.partition}};
}

std::vector<topic_partition> to_vector(const rd_kafka_topic_partition_list_t* list) {
    std::vector<topic_partition> partitions;
    if (list == nullptr)
        return partitions;
    partitions.reserve(static_cast<std::size_t>(list->cnt));
    for (int i = 0; i < list->cnt; ++i)
        partitions.push_back(to_partition(list->elems[i]));
    return partitions;
}

std::span<rd_kafka_topic_partition_t> elements(rd_kafka_topic_partition_list_t* list) noexcept {
    if (list == nullptr)
        return {};
    return {list->elems, static_cast<std::size_t>(list->cnt)};
}

} // namespace millrace::kafka

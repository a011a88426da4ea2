// Where logs begin and end, and which offset a time has in them.
#include "cluster_client.hpp"
#include "consumer_partitions.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace millrace::kafka {
namespace {

bool is_told(const rd_kafka_topic_partition_t& element) noexcept {
    return element.err == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/// Nothing is learnt by asking once more.
bool is_away(rd_kafka_resp_err_t error) noexcept {
    return error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
           error == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

/// Makes the client hear of the topics anew; where it cannot, it goes on with what it has.
void refresh(rd_kafka_t& client, const std::vector<topic_partition>& of, steady_time deadline) {
    std::set<std::string_view> done;
    for (const auto& p : of) {
        if (!done.insert(p.topic).second)
            continue;
        const topic_ptr topic(rd_kafka_topic_new(&client, p.topic.c_str(), nullptr));
        const struct rd_kafka_metadata* found = nullptr;
        if (topic && rd_kafka_metadata(&client, 0, topic.get(), &found, remaining_ms(deadline)) ==
                         RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_metadata_destroy(found);
    }
}

/// The first offset at or after that time; RD_KAFKA_OFFSET_BEGINNING and _END are times to the broker, too.
/// An element's offset is RD_KAFKA_OFFSET_END where there is none, its error says why it is not known.
/// librdkafka believes for up to metadata.max.age.ms what it last heard of a topic, also that it has no
/// leader, which a broker says that has just started: so before a partition is given up it is heard anew.
result<partition_list_ptr> offsets_at(rd_kafka_t& client, const std::vector<topic_partition>& of,
                                      std::int64_t time, steady_time deadline) {
    for (bool anew = false;; anew = true) {
        auto list = to_list(of);
        const auto all = elements(list.get());
        for (auto& element : all)
            element.offset = time;
        const auto error = rd_kafka_offsets_for_times(&client, list.get(), remaining_ms(deadline));
        // It says "unknown partition" where no partition has a leader; the elements know better.
        const bool each_says =
            error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR && std::ranges::all_of(all, is_told))
            return list;
        if (anew || is_away(error)) {
            if (each_says)
                return list;
            return to_answer(error);
        }
        refresh(client, of, deadline);
    }
}

} // namespace

// The end that Kafka's own tools show is that of the log, whether or not a transaction is under way in it.
rd_kafka_t& cluster_client::watcher() {
    if (!watcher_)
        watcher_ = make(false, "65536", "1", {}, "read_uncommitted");
    rd_kafka_poll(watcher_.get(), 0);
    return *watcher_;
}

result<record_offset> cluster_client::list_offset(rd_kafka_t& asked, const topic_partition& of,
                                                  std::int64_t time, steady_time deadline) {
    const auto found = list_offsets(asked, {of}, time, deadline);
    if (!found)
        return found.error();
    return found->front();
}

result<std::vector<record_offset>> cluster_client::list_offsets(rd_kafka_t& asked,
                                                                const std::vector<topic_partition>& of,
                                                                std::int64_t time, steady_time deadline) {
    const auto list = offsets_at(asked, of, time, deadline);
    if (!list)
        return list.error();
    std::vector<record_offset> found;
    for (const auto& p : of) { // librdkafka may have changed the order
        const auto* const element =
            rd_kafka_topic_partition_list_find(list->get(), p.topic.c_str(), value(p.partition));
        if (element == nullptr || !is_told(*element))
            return to_answer(element == nullptr ? RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION : element->err);
        found.push_back(record_offset{element->offset});
    }
    return found;
}

/// An open transaction hides what is stored behind its first record; but it is stored.
result<log_range> cluster_client::range(const topic_partition& of, steady_time deadline) {
    const auto low = list_offset(watcher(), of, RD_KAFKA_OFFSET_BEGINNING, deadline);
    if (!low)
        return low.error();
    const auto high = list_offset(watcher(), of, RD_KAFKA_OFFSET_END, deadline);
    if (!high)
        return high.error();
    return log_range{*low, *high};
}

result<std::vector<log_range>> cluster_client::ranges(const std::vector<topic_partition>& of,
                                                      steady_time deadline) {
    if (of.empty())
        return std::vector<log_range>();
    const auto low = list_offsets(client(), of, RD_KAFKA_OFFSET_BEGINNING, deadline);
    if (!low)
        return low.error();
    const auto high = list_offsets(client(), of, RD_KAFKA_OFFSET_END, deadline);
    if (!high)
        return high.error();
    std::vector<log_range> found;
    for (std::size_t i = 0; i < of.size(); ++i)
        found.push_back({(*low)[i], (*high)[i]});
    return found;
}

result<std::vector<std::optional<record_offset>>> cluster_client::ends(const std::vector<topic_partition>& of,
                                                                       steady_time deadline) {
    const auto list = offsets_at(watcher(), of, RD_KAFKA_OFFSET_END, deadline);
    if (!list)
        return list.error();
    std::vector<std::optional<record_offset>> found;
    for (const auto& p : of) {
        const auto* const element =
            rd_kafka_topic_partition_list_find(list->get(), p.topic.c_str(), value(p.partition));
        const bool known = element != nullptr && is_told(*element) && element->offset >= 0;
        found.push_back(known ? std::optional(record_offset{element->offset}) : std::nullopt);
    }
    return found;
}

} // namespace millrace::kafka

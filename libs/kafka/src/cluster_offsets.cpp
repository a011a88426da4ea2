// Where logs begin and end, and which offset a time has in them.
#include "cluster_client.hpp"
#include "consumer_partitions.hpp"
#include "librdkafka_error.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace millrace::kafka {
namespace {

/// Of each partition its offset, in the order asked, or why it is not known.
using offsets = std::vector<result<record_offset>>;

result<offsets> ask(rd_kafka_t& client, const std::vector<topic_partition>& of, std::int64_t time,
                    steady_time deadline) {
    const auto list = to_list(of);
    for (auto& element : elements(list.get()))
        element.offset = time;
    const auto error = rd_kafka_offsets_for_times(&client, list.get(), remaining_ms(deadline));
    // "Unknown partition" is said of all where none has a leader; the elements know better.
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
        return to_answer(error);
    offsets found;
    for (const auto& p : of) { // librdkafka may have changed the order
        const auto* const element =
            rd_kafka_topic_partition_list_find(list.get(), p.topic.c_str(), value(p.partition));
        if (element == nullptr || element->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            found.emplace_back(
                to_answer(element == nullptr ? RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION : element->err));
        else
            found.emplace_back(record_offset{element->offset});
    }
    return found;
}

/// Nothing more is learnt by asking once more.
bool is_final(const result<offsets>& found) noexcept {
    if (found.has_error())
        return found.error() == errc::brokers_down || found.error() == condition::timed_out;
    return std::ranges::all_of(*found, [](const auto& offset) { return offset.has_value(); });
}

/// Where the client cannot hear of the topics anew, it goes on with what it has.
void refresh(rd_kafka_t& client, const std::vector<topic_partition>& of, steady_time deadline) {
    std::set<std::string> topics;
    for (const auto& p : of)
        topics.insert(p.topic);
    for (const auto& topic : topics)
        static_cast<void>(metadata_of(client, topic, deadline));
}

/// The first offset at or after that time, RD_KAFKA_OFFSET_END where there is none; RD_KAFKA_OFFSET_BEGINNING
/// and _END are times to the broker, too. librdkafka believes for up to metadata.max.age.ms what it last
/// heard of a topic, also that it has no leader, which a broker says that has just started: so before a
/// partition is given up its topic is heard of anew.
result<offsets> offsets_at(rd_kafka_t& client, const std::vector<topic_partition>& of, std::int64_t time,
                           steady_time deadline) {
    auto found = ask(client, of, time, deadline);
    if (is_final(found))
        return found;
    refresh(client, of, deadline);
    return ask(client, of, time, deadline);
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
    const auto offsets = offsets_at(asked, of, time, deadline);
    if (!offsets)
        return offsets.error();
    std::vector<record_offset> found;
    for (const auto& offset : *offsets) {
        if (!offset)
            return offset.error();
        found.push_back(*offset);
    }
    return found;
}

/// An open transaction hides what is stored behind its first record; but it is stored.
result<log_range> cluster_client::range(const topic_partition& of, steady_time deadline) {
    const auto found = list_ranges(watcher(), {of}, deadline);
    if (!found)
        return found.error();
    return found->front();
}

result<std::vector<log_range>> cluster_client::ranges(const std::vector<topic_partition>& of,
                                                      steady_time deadline) {
    if (of.empty())
        return std::vector<log_range>();
    return list_ranges(client(), of, deadline);
}

result<std::vector<log_range>>
cluster_client::list_ranges(rd_kafka_t& asked, const std::vector<topic_partition>& of, steady_time deadline) {
    const auto low = list_offsets(asked, of, RD_KAFKA_OFFSET_BEGINNING, deadline);
    if (!low)
        return low.error();
    const auto high = list_offsets(asked, of, RD_KAFKA_OFFSET_END, deadline);
    if (!high)
        return high.error();
    std::vector<log_range> found;
    for (std::size_t i = 0; i < of.size(); ++i)
        found.push_back({(*low)[i], (*high)[i]});
    return found;
}

result<std::vector<std::optional<record_offset>>> cluster_client::ends(const std::vector<topic_partition>& of,
                                                                       steady_time deadline) {
    const auto offsets = offsets_at(watcher(), of, RD_KAFKA_OFFSET_END, deadline);
    if (!offsets)
        return offsets.error();
    std::vector<std::optional<record_offset>> found;
    for (const auto& end : *offsets)
        found.push_back(end && value(*end) >= 0 ? std::optional(*end) : std::nullopt);
    return found;
}

} // namespace millrace::kafka

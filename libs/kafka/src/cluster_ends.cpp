// Where logs end, of many partitions at once.
#include "cluster_client.hpp"
#include "consumer_partitions.hpp"
#include "librdkafka_error.hpp"

#include <algorithm>

namespace millrace::kafka {

// The end that Kafka's own tools show is that of the log, whether or not a transaction is under way in it.
rd_kafka_t& cluster_client::watcher() {
    if (!watcher_)
        watcher_ = make(false, "65536", "1", {}, "read_uncommitted");
    rd_kafka_poll(watcher_.get(), 0);
    return *watcher_;
}

result<std::vector<std::optional<record_offset>>> cluster_client::ends(const std::vector<topic_partition>& of,
                                                                       steady_time deadline) {
    const auto list = to_list(of);
    for (auto& element : elements(list.get()))
        element.offset = RD_KAFKA_OFFSET_END;
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    const auto timeout_ms = static_cast<int>(std::clamp<std::int64_t>(left, 1, 3'600'000));
    const auto error = rd_kafka_offsets_for_times(&watcher(), list.get(), timeout_ms);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return to_error_code(error);
    std::vector<std::optional<record_offset>> found;
    for (const auto& element : elements(list.get())) {
        const bool known = element.err == RD_KAFKA_RESP_ERR_NO_ERROR && element.offset >= 0;
        found.push_back(known ? std::optional(record_offset{element.offset}) : std::nullopt);
    }
    return found;
}

} // namespace millrace::kafka

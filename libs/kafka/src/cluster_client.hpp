// The questions about a cluster as blocking functions, each with a deadline. Not part of the interface.
#pragma once

#include "handles.hpp"
#include "millrace/kafka/cluster.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace millrace::kafka {

using metadata_ptr = std::unique_ptr<const struct rd_kafka_metadata, destroy_with<rd_kafka_metadata_destroy>>;

/// From 1 on, as librdkafka takes it.
int remaining_ms(steady_time deadline) noexcept;
/// Without it a deadline would be unreachable where no broker is: that is what a missing connection ends in.
error_code to_answer(rd_kafka_resp_err_t error) noexcept;
/// What the brokers say of the topic now, which the client goes by from now on.
result<metadata_ptr> metadata_of(rd_kafka_t& client, const std::string& topic, steady_time deadline);

/// Lives on one thread. Its clients are made when first needed; none joins a group.
class cluster_client {
  public:
    /// Once `stop` is true, what reads records ends early with errc::closed.
    cluster_client(client_config config, const std::atomic<bool>& stop);

    result<cluster_description> describe(const std::vector<std::string>& topics, steady_time deadline);
    result<void> create_topic(const topic_spec& spec, steady_time deadline);
    result<log_range> range(const topic_partition& of, steady_time deadline);
    result<std::vector<std::optional<record_offset>>> ends(const std::vector<topic_partition>& of,
                                                           steady_time deadline);
    result<std::optional<group_commit>> committed(const std::string& group, const topic_partition& of,
                                                  steady_time deadline);
    result<message> read(const topic_partition& of, record_offset from, steady_time deadline);
    result<message> find(const topic_partition& of, unix_ms since, std::size_t limit, steady_time deadline,
                         const std::function<bool(const message&)>& visit);
    result<std::vector<log_range>> ranges(const std::vector<topic_partition>& of, steady_time deadline);
    result<record_offset> scan(const topic_partition& of, record_offset from, record_offset to,
                               steady_time deadline, const std::function<bool(const message&)>& visit);

  private:
    class reading;

    rd_kafka_t& client();  ///< for questions and single records
    rd_kafka_t& scanner(); ///< for many records
    rd_kafka_t& finder();  ///< for many records, transactions under way included
    rd_kafka_t& watcher(); ///< for ends of logs, transactions under way included
    client_ptr make(bool create_topics, const char* fetch_bytes, const char* queued_messages,
                    const std::string& group = {}, const char* isolation = "read_committed") const;
    result<topic_description> describe_topic(const std::string& name, steady_time deadline,
                                             cluster_description& cluster);
    result<void> create_by_metadata(const std::string& topic, steady_time deadline) const;
    result<record_offset> list_offset(rd_kafka_t& asked, const topic_partition& of, std::int64_t time,
                                      steady_time deadline);
    result<std::vector<record_offset>> list_offsets(rd_kafka_t& asked, const std::vector<topic_partition>& of,
                                                    std::int64_t time, steady_time deadline);
    result<std::vector<log_range>> list_ranges(rd_kafka_t& asked, const std::vector<topic_partition>& of,
                                               steady_time deadline);
    result<std::optional<record_offset>> offset_since(const topic_partition& of, unix_ms since,
                                                      steady_time deadline);

    client_config config_;
    const std::atomic<bool>& stop_;
    client_ptr client_;
    client_ptr scanner_;
    client_ptr finder_;
    client_ptr watcher_;
    std::string group_;
    client_ptr group_client_; ///< of group_
};

} // namespace millrace::kafka

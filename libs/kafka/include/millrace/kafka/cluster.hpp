// Questions that librdkafka answers only by blocking. They are asked on a thread of the cluster's own, one
// after the other, and answered on the loop that asked.
#pragma once

#include "millrace/core/error.hpp"
#include "millrace/kafka/client_config.hpp"
#include "millrace/kafka/record.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace millrace::kafka {

struct topic_description {
    std::string name;
    int partitions = 0;
    bool all_have_leaders = false;
    error_code error; ///< errc::unknown_topic where there is none of that name
};

struct cluster_description {
    std::string cluster_id;
    int brokers = 0;
    std::vector<topic_description> topics; ///< in the order asked
};

struct topic_spec {
    std::string name;
    int partitions = 6;
    int replication_factor = 1;
    std::map<std::string, std::string> config; ///< of the topic, as Kafka names it: "max.message.bytes", …
};

struct log_range {
    record_offset low;  ///< first offset that may hold a record
    record_offset high; ///< the offset that the next record will get
};

struct group_commit {
    record_offset offset; ///< of the next record to handle
    std::string metadata; ///< kept with it
};

/// Every question has a deadline of its own and an answer: `callback` is called exactly once on `loop`, with
/// `overloaded` at once where 256 questions wait, and with errc::closed where the cluster is destroyed first.
class cluster {
  public:
    explicit cluster(boost::asio::io_context& loop, client_config config);
    ~cluster(); ///< waits for the question under way, at most its deadline
    cluster(const cluster&) = delete;
    cluster& operator=(const cluster&) = delete;

    template <class T>
    using callback = std::function<void(result<T>)>;

    void describe(std::vector<std::string> topics, milliseconds deadline, callback<cluster_description> done);

    /// Success too where the topic exists already. The mock cluster knows no CreateTopics: there the topic is
    /// made by asking for its metadata.
    void create_topic(topic_spec spec, milliseconds deadline, callback<void> done);

    /// With what transactions hide that are still open.
    void range(topic_partition of, milliseconds deadline, callback<log_range> done);

    /// What can be read of several partitions, in the order asked; an error where one of them is none.
    void ranges(std::vector<topic_partition> of, milliseconds deadline,
                callback<std::vector<log_range>> done);

    /// The offset that the next record will get (the high watermark), of each in the order asked; none where
    /// the brokers do not tell. One request a broker, however many partitions.
    void ends(std::vector<topic_partition> of, milliseconds deadline,
              callback<std::vector<std::optional<record_offset>>> done);

    /// What the group has committed: none where it has committed nothing there.
    void committed(std::string group, topic_partition of, milliseconds deadline,
                   callback<std::optional<group_commit>> done);

    /// The first record at or after `from`, or an empty message where there is none before the log's end.
    void read(topic_partition of, record_offset from, milliseconds deadline, callback<message> done);

    /// Reads on from the first record stored at or after `since` until `visit` says true, the log ends, there
    /// are more than `limit` records (errc::search_ended) or the deadline passes (condition timed_out).
    /// `visit` runs on the cluster's thread and sees what open and aborted transactions have stored, too. The
    /// answer is the record for which it said true, or an empty message at the log's end.
    void find(topic_partition of, unix_ms since, std::size_t limit, milliseconds deadline,
              std::function<bool(const message&)> visit, callback<message> done);

    /// Reads the records from `from` up to `to`, without it, until `visit` says true, which runs on the
    /// cluster's thread. The answer is where to go on: `to` where everything was read. What cannot be read
    /// yet, behind an open transaction or the log's end, is waited for; at the deadline it is as far as it
    /// came; condition timed_out where that is nowhere.
    void scan(topic_partition of, record_offset from, record_offset to, milliseconds deadline,
              std::function<bool(const message&)> visit, callback<record_offset> done);

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::kafka

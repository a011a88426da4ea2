// A mock cluster, records in it, and a listener that remembers what it was told.
#pragma once

#include "millrace/kafka/consumer.hpp"
#include "millrace/kafka/mock_cluster.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace millrace::kafka::test {

using namespace std::chrono_literals;

/// Stores `count` records with the values "first", "first + 1", … and returns when the broker has them.
void produce(const mock_cluster& cluster, const std::string& topic, int partition, int count, int first = 0);

/// Runs the loop until `reached` says true; false where that takes longer than the deadline, which is long:
/// it is there so that a broken test ends.
bool run_until(boost::asio::io_context& loop, const std::function<bool()>& reached,
               milliseconds deadline = 40s);

/// Runs the loop for a while.
void run_for(boost::asio::io_context& loop, milliseconds time);

struct seen_record {
    record_offset offset;
    std::string value;
};

/// Whether these are the records `first`, `first + 1`, … of a partition filled by `produce`.
bool in_order(const std::vector<seen_record>& seen, int first = 0);

/// A consumer that handles each record at once.
class member final : public consumer_listener {
  public:
    member(boost::asio::io_context& loop, consumer_config config) : client(loop, std::move(config), *this) {}

    void on_assigned(std::span<assigned_partition> partitions) override;
    void on_revoked(std::span<const topic_partition> partitions) override;
    void on_lost(std::span<const topic_partition> partitions) override;
    void on_message(message m) override;
    void on_end(const topic_partition& of, record_offset end) override;
    void on_committed(std::span<const commit_entry> entries, error_code error) override;
    void on_error(error_code error, const std::string& detail) override;

    /// Commits the record after the last one seen of each assigned partition.
    void commit_all(const std::string& metadata = {});

    std::size_t count() const;

    std::map<topic_partition, assigned_partition> assigned;
    std::map<topic_partition, std::vector<seen_record>> records;
    std::map<topic_partition, record_offset> ends;
    std::vector<topic_partition> revoked;
    std::vector<topic_partition> lost;
    std::vector<commit_entry> committed;
    std::vector<error_code> commit_errors;
    std::vector<error_code> errors;
    bool release_when_revoked = true;
    bool commit_when_revoked = false;
    std::function<void(const topic_partition&, record_offset)> after_message = [](auto&&...) {};
    std::function<void()> when_assigned = [] {};
    std::optional<record_offset> start_at; ///< of partitions with a committed offset

    consumer client; // last: what is above outlives it
};

consumer_config config_for(const mock_cluster& cluster, const std::string& topic);

/// A topic `events` of two partitions on a broker.
struct member_fixture {
    member_fixture() { cluster.create_topic("events", 2); }

    boost::asio::io_context loop;
    mock_cluster cluster;
};
inline const topic_partition p0{"events", partition_id{0}};
inline const topic_partition p1{"events", partition_id{1}};

/// Closes and waits for it; false at the deadline.
bool close(boost::asio::io_context& loop, member& m, milliseconds deadline = 10s);

} // namespace millrace::kafka::test

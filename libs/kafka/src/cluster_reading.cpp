// Reading records without a group: librdkafka's consumer of single partitions, started at an offset and
// stopped again.
#include "cluster_client.hpp"

#include "librdkafka_error.hpp"

#include <algorithm>
#include <utility>

namespace millrace::kafka {

/// One partition from an offset on, for as long as this lives.
class cluster_client::reading {
  public:
    reading(rd_kafka_t& client, const topic_partition& of, record_offset from, const std::atomic<bool>& stop)
        : stop_(stop),
          topic_(rd_kafka_topic_new(&client, of.topic.c_str(), nullptr)),
          partition_(value(of.partition)),
          from_(from),
          started_(topic_ && rd_kafka_consume_start(topic_.get(), partition_, value(from)) == 0) {}
    ~reading() {
        if (started_)
            rd_kafka_consume_stop(topic_.get(), partition_);
    }
    reading(const reading&) = delete;
    reading& operator=(const reading&) = delete;

    /// The next record, or an empty message at the log's end. An end before `until` is waited out: the leader
    /// is new and lags behind, or a transaction is under way.
    result<message> next(steady_time deadline, record_offset until = {}) {
        constexpr int step_ms = 50;
        if (!started_)
            return to_error_code(rd_kafka_last_error());
        while (steady_clock::now() < deadline) {
            if (stop_)
                return error_code(errc::closed);
            message_ptr m(rd_kafka_consume(topic_.get(), partition_, step_ms));
            if (!m)
                continue;
            if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && m->offset < value(until))
                continue;
            if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
                return message();
            if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
                return to_error_code(m->err);
            if (m->offset < value(from_)) // beyond the end, librdkafka starts over
                return message();
            return message(m.release());
        }
        return to_error_code(RD_KAFKA_RESP_ERR__TIMED_OUT);
    }

  private:
    const std::atomic<bool>& stop_;
    topic_ptr topic_;
    std::int32_t partition_;
    record_offset from_;
    bool started_;
};

result<message> cluster_client::read(const topic_partition& of, record_offset from, steady_time deadline) {
    const auto end =
        list_offset(client(), of, RD_KAFKA_OFFSET_END, deadline); // and whether there is such a partition
    if (!end)
        return end.error();
    if (from >= *end)
        return message();
    auto found = reading(client(), of, from, stop_).next(deadline);
    // Newer versions of librdkafka distrust for ever the leader of a topic that was made again, where the old
    // one's leader had changed (its epoch is higher): only a new client reads there.
    if (found.has_error() && found.error() == condition::timed_out)
        client_.reset();
    return found;
}

// An open transaction would hide what was stored behind its first record, and without one.
rd_kafka_t& cluster_client::finder() {
    if (!finder_)
        finder_ = make(false, "1048576", "20000", {}, "read_uncommitted");
    rd_kafka_poll(finder_.get(), 0);
    return *finder_;
}

/// Where to start looking; none where no record is as young.
result<std::optional<record_offset>> cluster_client::offset_since(const topic_partition& of, unix_ms since,
                                                                  steady_time deadline) {
    const auto first = list_offset(finder(), of, since.value, deadline);
    if (!first)
        return first.error();
    if (value(*first) >= 0)
        return std::optional(*first);
    // None, unless the broker has no index of time, like the mock cluster: the last record tells. Then all
    // are looked through; such brokers keep little.
    const auto log = range(of, deadline);
    if (!log)
        return log.error();
    const auto [low, high] = *log;
    if (low >= high)
        return std::optional<record_offset>();
    const auto last = reading(finder(), of, record_offset{value(high) - 1}, stop_).next(deadline);
    if (!last)
        return last.error();
    if (!*last || last->timestamp() < since)
        return std::optional<record_offset>();
    return std::optional(low);
}

result<message> cluster_client::find(const topic_partition& of, unix_ms since, std::size_t limit,
                                     steady_time deadline, const std::function<bool(const message&)>& visit) {
    const auto start = offset_since(of, since, deadline);
    if (!start)
        return start.error();
    if (!*start)
        return message();
    reading records(finder(), of, **start, stop_);
    for (std::size_t seen = 0;;) {
        auto m = records.next(deadline);
        if (!m || !*m)
            return m;
        if (m->timestamp() < since)
            continue;
        if (++seen > limit)
            return error_code(errc::search_ended);
        if (visit(*m))
            return m;
    }
}

result<record_offset> cluster_client::scan(const topic_partition& of, record_offset from, record_offset to,
                                           steady_time deadline,
                                           const std::function<bool(const message&)>& visit) {
    if (from >= to)
        return to;
    record_offset at = from;
    reading records(scanner(), of, from, stop_);
    while (at < to) {
        const auto m = records.next(deadline, to);
        if (!m && m.error() == condition::timed_out && at > from)
            return at;
        if (!m)
            return m.error();
        if (!*m || m->offset() >= to) // what lies between is no record
            return to;
        at = millrace::next(m->offset());
        if (visit(*m))
            return at;
    }
    return to;
}

} // namespace millrace::kafka

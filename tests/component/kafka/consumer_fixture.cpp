#include "consumer_fixture.hpp"

#include <boost/asio/steady_timer.hpp>

#include <librdkafka/rdkafka.h>

#include <array>
#include <stdexcept>

namespace millrace::kafka::test {
namespace {

void require(bool ok, const char* what) {
    if (!ok)
        throw std::runtime_error(what);
}

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
    require(rd_kafka_conf_set(conf, name, value.c_str(), nullptr, 0) == RD_KAFKA_CONF_OK, name);
}

template <class Set>
rd_kafka_vu_t argument(rd_kafka_vtype_t type, Set set_value) {
    rd_kafka_vu_t a{};
    a.vtype = type;
    set_value(a.u);
    return a;
}

rd_kafka_vu_t header(const char* name, const char* value, ssize_t size) {
    return argument(RD_KAFKA_VTYPE_HEADER, [=](auto& u) {
        u.header.name = name;
        u.header.val = value;
        u.header.size = size;
    });
}

void produce_one(rd_kafka_t& client, const std::string& topic, int partition, int number) {
    std::string text = std::to_string(number);
    char key = 'k';
    std::array arguments{
        argument(RD_KAFKA_VTYPE_TOPIC, [&](auto& u) { u.cstr = topic.c_str(); }),
        argument(RD_KAFKA_VTYPE_PARTITION, [&](auto& u) { u.i32 = partition; }),
        argument(RD_KAFKA_VTYPE_MSGFLAGS, [&](auto& u) { u.i = RD_KAFKA_MSG_F_COPY; }),
        argument(RD_KAFKA_VTYPE_VALUE, [&](auto& u) { u.mem = {text.data(), text.size()}; }),
        argument(RD_KAFKA_VTYPE_KEY, [&](auto& u) { u.mem = {&key, 1}; }),
        argument(RD_KAFKA_VTYPE_TIMESTAMP, [&](auto& u) { u.i64 = 1'000 + number; }),
        header("ce_id", "x", 1),
        header("empty", "", 0),
    };
    auto* const error = rd_kafka_produceva(&client, arguments.data(), arguments.size());
    require(error == nullptr, "produce");
}

} // namespace

void produce(const mock_cluster& cluster, const std::string& topic, int partition, int count, int first) {
    auto* const conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", cluster.bootstrap_servers());
    set(conf, "linger.ms", "1");
    auto* const client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    require(client != nullptr, "producer");
    for (int i = first; i < first + count; ++i) {
        const auto text = std::to_string(i);
        produce_one(*client, topic, partition, i);
    }
    const auto flushed = rd_kafka_flush(client, 20'000);
    rd_kafka_destroy(client);
    require(flushed == RD_KAFKA_RESP_ERR_NO_ERROR, "flush");
}

bool run_until(boost::asio::io_context& loop, const std::function<bool()>& reached, milliseconds deadline) {
    const auto end = steady_clock::now() + deadline;
    loop.restart();
    while (!reached()) {
        if (steady_clock::now() > end)
            return false;
        loop.run_one_for(20ms);
        loop.restart();
    }
    return true;
}

void run_for(boost::asio::io_context& loop, milliseconds time) {
    const auto end = steady_clock::now() + time;
    run_until(loop, [end] { return steady_clock::now() > end; });
}

bool in_order(const std::vector<seen_record>& seen, int first) {
    for (const auto& r : seen) {
        if (value(r.offset) != first || r.value != std::to_string(first))
            return false;
        ++first;
    }
    return true;
}

void member::on_assigned(std::span<assigned_partition> partitions) {
    for (auto& p : partitions) {
        if (p.committed)
            p.start = start_at;
        assigned[p.partition] = p;
    }
    when_assigned();
}

void member::on_revoked(std::span<const topic_partition> partitions) {
    revoked.insert(revoked.end(), partitions.begin(), partitions.end());
    if (commit_when_revoked)
        commit_all();
    for (const auto& p : partitions)
        assigned.erase(p);
    if (release_when_revoked)
        client.release(partitions);
}

void member::on_lost(std::span<const topic_partition> partitions) {
    lost.insert(lost.end(), partitions.begin(), partitions.end());
    for (const auto& p : partitions)
        assigned.erase(p);
}

void member::on_message(message m) {
    const topic_partition of{std::string(m.topic()), m.partition()};
    records[of].push_back({m.offset(), std::string(m.value().value_or("null"))});
    after_message(of, m.offset());
}

void member::on_end(const topic_partition& of, record_offset end) {
    ends[of] = end;
}

void member::on_committed(std::span<const commit_entry> entries, error_code error) {
    if (error)
        commit_errors.push_back(error);
    else
        committed.insert(committed.end(), entries.begin(), entries.end());
}

void member::on_error(error_code error, const std::string&) {
    errors.push_back(error);
}

void member::commit_all(const std::string& metadata) {
    std::vector<commit_entry> entries;
    for (const auto& [partition, seen] : records) {
        const auto held = assigned.find(partition);
        if (held == assigned.end())
            continue;
        const auto position = next(seen.back().offset);
        if (!held->second.committed || *held->second.committed <= position) // else others went further
            entries.push_back({partition, position, metadata});
    }
    client.commit(entries);
}

std::size_t member::count() const {
    std::size_t n = 0;
    for (const auto& [partition, seen] : records)
        n += seen.size();
    return n;
}

consumer_config config_for(const mock_cluster& cluster, const std::string& topic) {
    consumer_config config;
    config.client.brokers = cluster.bootstrap_servers();
    config.topics = {topic};
    config.group = "group of " + topic;
    config.session_timeout = 4s; // the mock cluster lets a first member wait for 3 s
    config.max_poll_interval = 30s;
    return config;
}

bool close(boost::asio::io_context& loop, member& m, milliseconds deadline) {
    bool closed = false;
    m.client.close(deadline, [&closed] { closed = true; });
    return run_until(loop, [&closed] { return closed; }, deadline + 5s);
}

} // namespace millrace::kafka::test

// Asking librdkafka: metadata, topics, commits. None of these calls outlasts the deadline it is given, which
// is why rd_kafka_query_watermark_offsets is not among them: it waits for socket.timeout.ms.
#include "cluster_client.hpp"

#include "client_conf.hpp"
#include "librdkafka_error.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

namespace millrace::kafka {
namespace {

using options_ptr = std::unique_ptr<rd_kafka_AdminOptions_t, destroy_with<rd_kafka_AdminOptions_destroy>>;
using new_topic_ptr = std::unique_ptr<rd_kafka_NewTopic_t, destroy_with<rd_kafka_NewTopic_destroy>>;

options_ptr options_for(rd_kafka_t& client, rd_kafka_admin_op_t operation, steady_time deadline) {
    options_ptr options(rd_kafka_AdminOptions_new(&client, operation));
    std::array<char, 256> text{};
    rd_kafka_AdminOptions_set_request_timeout(options.get(), remaining_ms(deadline), text.data(),
                                              text.size());
    if (operation == RD_KAFKA_ADMIN_OP_CREATETOPICS)
        rd_kafka_AdminOptions_set_operation_timeout(options.get(), remaining_ms(deadline), text.data(),
                                                    text.size());
    return options;
}

/// The answer to an admin question, or none at the deadline.
event_ptr wait_for(rd_kafka_queue_t& answers, steady_time deadline) {
    return event_ptr(rd_kafka_queue_poll(&answers, remaining_ms(deadline)));
}

bool has_leaders(const rd_kafka_metadata_topic& topic) noexcept {
    for (int i = 0; i < topic.partition_cnt; ++i) {
        if (topic.partitions[i].leader < 0)
            return false;
    }
    return topic.partition_cnt > 0;
}

} // namespace

int remaining_ms(steady_time deadline) noexcept {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 1, 3'600'000));
}

error_code to_answer(rd_kafka_resp_err_t error) noexcept {
    return error == RD_KAFKA_RESP_ERR__TRANSPORT ? error_code(errc::brokers_down) : to_error_code(error);
}

result<metadata_ptr> metadata_of(rd_kafka_t& client, const std::string& topic, steady_time deadline) {
    const topic_ptr asked(rd_kafka_topic_new(&client, topic.c_str(), nullptr));
    if (!asked)
        return to_answer(rd_kafka_last_error());
    const struct rd_kafka_metadata* found = nullptr;
    const auto error = rd_kafka_metadata(&client, 0, asked.get(), &found, remaining_ms(deadline));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return to_answer(error);
    return metadata_ptr(found);
}

cluster_client::cluster_client(client_config config, const std::atomic<bool>& stop)
    : config_(std::move(config)), stop_(stop) {}

client_ptr cluster_client::make(bool create_topics, const char* fetch_bytes, const char* queued_messages,
                                const std::string& group, const char* isolation) const {
    auto conf = make_conf(config_, client_role::consumer);
    // "false" is the default; to say so makes librdkafka warn of old brokers for ever.
    if (create_topics || config_.properties.contains("allow.auto.create.topics"))
        set(*conf, "allow.auto.create.topics", create_topics ? "true" : "false");
    set(*conf, "topic.metadata.propagation.max.ms", "0"); // an unknown topic is unknown at once
    set(*conf, "enable.partition.eof", "true");
    set(*conf, "auto.offset.reset", "earliest");
    set(*conf, "isolation.level", isolation);
    set(*conf, "fetch.wait.max.ms", "50"); // the log's end is noticed as late as this
    set(*conf, "fetch.message.max.bytes", fetch_bytes);
    set(*conf, "queued.min.messages", queued_messages);
    if (!group.empty())
        set(*conf, "group.id", group);
    return make_client(std::move(conf), client_role::consumer);
}

rd_kafka_t& cluster_client::client() {
    if (!client_)
        client_ = make(false, "65536", "1");
    rd_kafka_poll(client_.get(), 0); // errors of connections, which would pile up
    return *client_;
}

rd_kafka_t& cluster_client::scanner() {
    if (!scanner_)
        scanner_ = make(false, "1048576", "20000");
    rd_kafka_poll(scanner_.get(), 0);
    return *scanner_;
}

result<cluster_description> cluster_client::describe(const std::vector<std::string>& topics,
                                                     steady_time deadline) {
    cluster_description cluster;
    for (const auto& name : topics) {
        auto topic = describe_topic(name, deadline, cluster);
        if (!topic)
            return topic.error();
        cluster.topics.push_back(std::move(*topic));
    }
    if (topics.empty()) {
        const struct rd_kafka_metadata* metadata = nullptr;
        const auto error = rd_kafka_metadata(&client(), 0, nullptr, &metadata, remaining_ms(deadline));
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
            return to_answer(error);
        cluster.brokers = metadata_ptr(metadata)->broker_cnt;
    }
    const std::unique_ptr<char, destroy_with<std::free>> id(
        rd_kafka_clusterid(&client(), 0)); // as known by now
    cluster.cluster_id = id ? id.get() : "";
    return cluster;
}

result<topic_description> cluster_client::describe_topic(const std::string& name, steady_time deadline,
                                                         cluster_description& cluster) {
    const auto metadata = metadata_of(client(), name, deadline);
    if (!metadata)
        return metadata.error();
    const struct rd_kafka_metadata& found = **metadata;
    cluster.brokers = found.broker_cnt;
    topic_description description{name, 0, false, errc::unknown_topic};
    if (found.topic_cnt == 0)
        return description;
    const auto& t = found.topics[0];
    description.error = t.err == RD_KAFKA_RESP_ERR_NO_ERROR ? error_code() : to_answer(t.err);
    description.partitions = t.partition_cnt;
    description.all_have_leaders = has_leaders(t);
    return description;
}

result<void> cluster_client::create_topic(const topic_spec& spec, steady_time deadline) {
    const auto cluster = describe({}, deadline);
    if (!cluster)
        return cluster.error();
    if (cluster->cluster_id.starts_with("mockCluster")) // which has no controller to ask
        return create_by_metadata(spec.name, deadline);
    std::array<char, 256> text{};
    const new_topic_ptr topic(rd_kafka_NewTopic_new(spec.name.c_str(), spec.partitions,
                                                    spec.replication_factor, text.data(), text.size()));
    if (!topic)
        return to_answer(RD_KAFKA_RESP_ERR__INVALID_ARG);
    for (const auto& [name, value] : spec.config)
        rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
    const auto options = options_for(client(), RD_KAFKA_ADMIN_OP_CREATETOPICS, deadline);
    const queue_ptr answers(rd_kafka_queue_new(client_.get()));
    std::array<rd_kafka_NewTopic_t*, 1> topics{topic.get()};
    rd_kafka_CreateTopics(client_.get(), topics.data(), topics.size(), options.get(), answers.get());
    const auto event = wait_for(*answers, deadline);
    if (!event)
        return to_answer(RD_KAFKA_RESP_ERR__TIMED_OUT);
    auto error = rd_kafka_event_error(event.get());
    std::size_t n = 0;
    const auto* const* const results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &n);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && n == 1)
        error = rd_kafka_topic_result_error(results[0]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return {};
    return to_answer(error);
}

result<void> cluster_client::create_by_metadata(const std::string& name, steady_time deadline) const {
    const auto creator = make(true, "65536", "1");
    const auto metadata = metadata_of(*creator, name, deadline);
    if (!metadata)
        return metadata.error();
    const struct rd_kafka_metadata& found = **metadata;
    if (found.topic_cnt == 1 && found.topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return to_answer(found.topics[0].err);
    return {};
}

/// With a client of that group, which never subscribes and so never joins. (The admin interface has the
/// question for any group, but in 2.0.2 it aborts the process when it times out.)
result<std::optional<group_commit>>
cluster_client::committed(const std::string& group, const topic_partition& of, steady_time deadline) {
    if (!group_client_ || group_ != group) {
        group_client_.reset();
        group_client_ = make(false, "65536", "1", group);
        group_ = group;
    }
    rd_kafka_poll(group_client_.get(), 0);
    const partition_list_ptr list(rd_kafka_topic_partition_list_new(1));
    auto* const element =
        rd_kafka_topic_partition_list_add(list.get(), of.topic.c_str(), value(of.partition));
    auto error = rd_kafka_committed(group_client_.get(), list.get(), remaining_ms(deadline));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        error = element->err;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return to_answer(error);
    if (element->offset < 0)
        return std::optional<group_commit>();
    return std::optional(group_commit{record_offset{element->offset},
                                      {static_cast<const char*>(element->metadata), element->metadata_size}});
}

} // namespace millrace::kafka

// The mock cluster belongs to a producer of its own that is never used to produce.
#include "millrace/kafka/mock_cluster.hpp"

#include "client_conf.hpp"

#include <librdkafka/rdkafka_mock.h>

#include <stdexcept>
#include <vector>

namespace millrace::kafka {

struct mock_cluster::impl {
    client_ptr owner;
    std::unique_ptr<rd_kafka_mock_cluster_t, destroy_with<rd_kafka_mock_cluster_destroy>> cluster;
};

namespace {

void check(rd_kafka_resp_err_t error, const char* what) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw std::runtime_error(std::string(what) + ": " + rd_kafka_err2str(error));
}

} // namespace

mock_cluster::mock_cluster(int brokers) : impl_(std::make_unique<impl>()) {
    conf_ptr conf(rd_kafka_conf_new());
    set(*conf, "client.id", "mock cluster");
    set(*conf, "log_level", "3"); // it warns that it has no broker to connect to, which is as it should be
    impl_->owner = make_client(std::move(conf), client_role::producer);
    impl_->cluster.reset(rd_kafka_mock_cluster_new(impl_->owner.get(), brokers));
    if (!impl_->cluster)
        throw std::runtime_error("librdkafka could not start its mock cluster");
}

mock_cluster::~mock_cluster() = default;

std::string mock_cluster::bootstrap_servers() const {
    return rd_kafka_mock_cluster_bootstraps(impl_->cluster.get());
}

void mock_cluster::create_topic(const std::string& name, int partitions, int replication_factor) {
    check(rd_kafka_mock_topic_create(impl_->cluster.get(), name.c_str(), partitions, replication_factor),
          "create topic");
}

void mock_cluster::broker_down(int broker) {
    check(rd_kafka_mock_broker_set_down(impl_->cluster.get(), broker), "broker down");
}

void mock_cluster::broker_up(int broker) {
    check(rd_kafka_mock_broker_set_up(impl_->cluster.get(), broker), "broker up");
}

void mock_cluster::round_trip_delay(milliseconds delay, int broker) {
    check(rd_kafka_mock_broker_set_rtt(impl_->cluster.get(), broker, static_cast<int>(delay.count())),
          "round-trip delay");
}

void mock_cluster::fail_requests(int api_key, int error, int count) {
    const std::vector errors(static_cast<std::size_t>(count), static_cast<rd_kafka_resp_err_t>(error));
    rd_kafka_mock_push_request_errors_array(impl_->cluster.get(), static_cast<std::int16_t>(api_key),
                                            errors.size(), errors.data());
}

void mock_cluster::topic_error(const std::string& name, int error) {
    rd_kafka_mock_topic_set_error(impl_->cluster.get(), name.c_str(),
                                  static_cast<rd_kafka_resp_err_t>(error));
}

void mock_cluster::move_leader(const std::string& topic, int partition, int to_broker) {
    rd_kafka_mock_partition_set_leader(impl_->cluster.get(), topic.c_str(), partition, to_broker);
}

} // namespace millrace::kafka

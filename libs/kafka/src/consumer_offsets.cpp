// One question, one thread, joined when its answer arrives.
#include "consumer_offsets.hpp"

#include "consumer_partitions.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace millrace::kafka {
namespace {

constexpr int timeout_ms = 1'000;

assigned_partition to_assigned(const rd_kafka_topic_partition_t& element) {
    assigned_partition a{to_partition(element), std::nullopt, {}};
    if (element.offset >= 0) {
        a.committed = record_offset{element.offset};
        a.metadata.assign(static_cast<const char*>(element.metadata), element.metadata_size);
    }
    return a;
}

} // namespace

consumer_offsets::consumer_offsets(boost::asio::io_context& loop, rd_kafka_t& client, receiver receive)
    : loop_(loop),
      client_(client),
      receive_(std::move(receive)),
      self_(std::make_shared<consumer_offsets*>(this)) {}

consumer_offsets::~consumer_offsets() {
    *self_ = nullptr;
    if (thread_.joinable())
        thread_.join();
}

void consumer_offsets::ask(const std::vector<topic_partition>& partitions) {
    const std::shared_ptr<rd_kafka_topic_partition_list_t> list(to_list(partitions));
    thread_ = std::thread([&loop = loop_, &client = client_, list, self = self_] {
        const auto error = rd_kafka_committed(&client, list.get(), timeout_ms);
        boost::asio::post(loop, [self, list, error] {
            if (*self != nullptr)
                (*self)->receive(error, list.get());
        });
    });
}

void consumer_offsets::receive(rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* list) {
    thread_.join();
    std::vector<assigned_partition> found;
    for (const auto& element : elements(list)) {
        if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR)
            error = element.err;
        found.push_back(to_assigned(element));
    }
    receive_(error, std::move(found));
}

} // namespace millrace::kafka

// One question, one thread, joined when its answer arrives.
#include "consumer_questions.hpp"

#include "consumer_partitions.hpp"

#include <boost/asio/post.hpp>

#include <cstdlib>
#include <system_error>
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

consumer_questions::consumer_questions(boost::asio::io_context& loop, rd_kafka_t& client)
    : loop_(loop), client_(client), self_(std::make_shared<consumer_questions*>(this)) {}

consumer_questions::~consumer_questions() {
    *self_ = nullptr;
    if (thread_.joinable())
        thread_.join();
}

void consumer_questions::ask(std::function<std::function<void()>()> question) {
    const auto run = [&loop = loop_, question = std::move(question), self = self_] {
        boost::asio::post(loop, [self, answer = question()] {
            if (*self == nullptr)
                return;
            (*self)->thread_.join();
            answer();
        });
    };
    try {
        thread_ = std::thread(run);
    } catch (const std::system_error&) { // no thread to be had: whoever looks at `asking` asks again
    }
}

void consumer_questions::ask_offsets(const std::vector<topic_partition>& of, offsets_answer receive) {
    ask([&client = client_, of, receive = std::move(receive)]() -> std::function<void()> {
        const auto list = to_list(of);
        auto error = rd_kafka_committed(&client, list.get(), timeout_ms);
        std::vector<assigned_partition> found;
        for (const auto& element : elements(list.get())) {
            if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR)
                error = element.err;
            found.push_back(to_assigned(element));
        }
        return [receive, error, found = std::move(found)] { receive(error, found); };
    });
}

/// librdkafka forgets its member id when the coordinator does.
void consumer_questions::ask_membership(membership_answer receive) {
    ask([&client = client_, receive = std::move(receive)]() -> std::function<void()> {
        const std::unique_ptr<char, destroy_with<std::free>> id(rd_kafka_memberid(&client));
        const bool is_member = id && *id != '\0';
        return [receive, is_member] { receive(is_member); };
    });
}

} // namespace millrace::kafka

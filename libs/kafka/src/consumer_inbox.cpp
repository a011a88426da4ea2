// Taking batches, and moving what was taken between the batch and the parking place.
#include "consumer_inbox.hpp"

#include <algorithm>
#include <iterator>

namespace millrace::kafka {
namespace {

bool is_of(const rd_kafka_message_t& m, std::span<const topic_partition> partitions) {
    return m.rkt != nullptr && std::ranges::any_of(partitions, [&](const topic_partition& p) {
               return value(p.partition) == m.partition && p.topic == rd_kafka_topic_name(m.rkt);
           });
}

/// With about what librdkafka keeps besides.
std::size_t weight(std::span<rd_kafka_message_t* const> messages) noexcept {
    constexpr std::size_t overhead = 512;
    std::size_t sum = 0;
    for (const auto* m : messages)
        sum += overhead + m->len + m->key_len;
    return sum;
}

/// Moves those that concern the partitions to the end of `to`; the order of either part stays.
void move_matching(std::vector<rd_kafka_message_t*>& from, std::size_t begin,
                   std::span<const topic_partition> partitions, std::vector<rd_kafka_message_t*>& to) {
    const auto first = std::stable_partition(std::next(from.begin(), static_cast<std::ptrdiff_t>(begin)),
                                             from.end(), [&](auto* m) { return !is_of(*m, partitions); });
    to.insert(to.end(), first, from.end());
    from.erase(first, from.end());
}

void destroy_all(std::span<rd_kafka_message_t* const> messages) noexcept {
    for (auto* m : messages)
        rd_kafka_message_destroy(m);
}

} // namespace

inbox::inbox(rd_kafka_t& client) : client_(client), queue_(rd_kafka_queue_new(&client)) {
    taken_.reserve(batch);
}

inbox::~inbox() {
    clear();
}

bool inbox::collect(const topic_partition& from) {
    const queue_ptr source(rd_kafka_queue_get_partition(&client_, from.topic.c_str(), value(from.partition)));
    if (!source)
        return false;
    rd_kafka_queue_forward(source.get(), queue_.get());
    return true;
}

rd_kafka_message_t* inbox::next() {
    if (head_ == taken_.size())
        refill();
    if (head_ == taken_.size())
        return nullptr;
    auto* const m = taken_[head_++];
    if (!backlogs_.empty()) [[unlikely]]
        told(m);
    return m;
}

void inbox::told(const rd_kafka_message_t* m) {
    const auto ended = std::ranges::find(backlogs_, m, &backlog::last);
    if (ended == backlogs_.end())
        return;
    caught_up_.push_back(std::move(ended->of));
    backlogs_.erase(ended);
}

void inbox::forget_backlogs(std::span<const topic_partition> partitions) {
    for (const auto& p : partitions) {
        std::erase_if(backlogs_, [&](const backlog& b) { return b.of == p; });
        std::erase(caught_up_, p);
    }
}

void inbox::gather() {
    taken_.erase(taken_.begin(), std::next(taken_.begin(), static_cast<std::ptrdiff_t>(head_)));
    head_ = 0;
    for (std::size_t kept = weight(taken_) + weight(parked_); kept < max_kept_bytes;) {
        auto* const m = rd_kafka_consume_queue(queue_.get(), 0);
        if (m == nullptr)
            return;
        taken_.push_back(m);
        kept += weight(std::span(&m, 1));
    }
}

// One by one. rd_kafka_consume_batch_queue is a little faster, but skips records: before 2.1.0 when a
// rebalance or a pause comes between (its change log); since then it takes the end of a partition for a
// record, so that after the next pause (each cooperative rebalance pauses) fetching goes on one offset too
// far.
void inbox::refill() {
    head_ = 0;
    taken_.clear();
    while (taken_.size() < batch) {
        auto* const m = rd_kafka_consume_queue(queue_.get(), 0);
        if (m == nullptr)
            return;
        taken_.push_back(m);
    }
}

void inbox::park(std::span<const topic_partition> partitions) {
    move_matching(taken_, head_, partitions, parked_);
    forget_backlogs(partitions);
}

// To the end of the batch: it holds no others of these partitions, so their order stays.
bool inbox::unpark(const topic_partition& partition) {
    const std::size_t before = taken_.size();
    move_matching(parked_, 0, std::span(&partition, 1), taken_);
    if (taken_.size() == before)
        return false;
    backlogs_.push_back({partition, taken_.back()});
    return true;
}

void inbox::drop(std::span<const topic_partition> partitions) {
    std::vector<rd_kafka_message_t*> dropped;
    move_matching(taken_, head_, partitions, dropped);
    move_matching(parked_, 0, partitions, dropped);
    forget_backlogs(partitions);
    destroy_all(dropped);
}

void inbox::clear() noexcept {
    destroy_all(std::span(taken_).subspan(head_));
    destroy_all(parked_);
    taken_.clear();
    parked_.clear();
    backlogs_.clear();
    caught_up_.clear();
    head_ = 0;
}

} // namespace millrace::kafka

// Assignments: one event of librdkafka, one answer.
#include "rebalance.hpp"

#include "consumer_partitions.hpp"
#include "librdkafka_error.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace millrace::kafka {
rebalance::rebalance(boost::asio::io_context& loop, rd_kafka_t& client, inbox& messages,
                     consumer_listener& listener, bool cooperative)
    : client_(client),
      messages_(messages),
      listener_(listener),
      cooperative_(cooperative),
      questions_(loop, client) {}

void rebalance::on_rebalance(rd_kafka_event_t& event) {
    if (step_ == step::reading_offsets || step_ == step::awaiting_release)
        lose(); // librdkafka goes on before it was answered only where the session is gone
    switch (rd_kafka_event_error(&event)) {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
        assign_event(to_vector(rd_kafka_event_topic_partition_list(&event)));
        break;
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
        revoke_event(to_vector(rd_kafka_event_topic_partition_list(&event)));
        break;
    default:
        fail(event);
        break;
    }
}

void rebalance::assign_event(std::vector<topic_partition> partitions) {
    partitions_ = std::move(partitions);
    step_ = step::reading_offsets;
    if (abandoned_ || partitions_.empty())
        assign({});
    else
        tick();
}

void rebalance::revoke_event(std::vector<topic_partition> partitions) {
    partitions_ = std::move(partitions);
    step_ = step::awaiting_release;
    messages_.drop(partitions_);
    if (abandoned_ || partitions_.empty()) {
        unassign();
    } else if (rd_kafka_assignment_lost(&client_) != 0) {
        lose();
    } else {
        unreleased_.insert(partitions_.begin(), partitions_.end());
        listener_.on_revoked(partitions_);
    }
}

/// The session is gone, and with it what was begun. Of partitions whose offsets were still being read nobody
/// was told.
void rebalance::lose() {
    const bool told = std::exchange(step_, step::outside) == step::awaiting_release;
    const auto lost = std::exchange(partitions_, {});
    unreleased_.clear();
    if (told || !cooperative_)
        unassign(lost);
    if (told && !abandoned_)
        listener_.on_lost(lost);
}

void rebalance::fail(rd_kafka_event_t& event) {
    report(rd_kafka_event_error(&event), rd_kafka_event_error_string(&event));
    const std::vector<topic_partition> lost(assigned_.begin(), assigned_.end());
    messages_.drop(lost);
    step_ = step::outside;
    unpause(lost);
    report(rd_kafka_assign(&client_, nullptr), "unassign after a failed rebalance");
    assigned_.clear();
    paused_.clear();
    if (!lost.empty() && !abandoned_)
        listener_.on_lost(lost);
}

void rebalance::on_offsets(rd_kafka_resp_err_t error, std::vector<assigned_partition> found) {
    if (step_ != step::reading_offsets ||
        !std::ranges::equal(found, partitions_, {}, &assigned_partition::partition))
        return; // of an assignment that is gone
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        report(error, "reading the committed offsets");
    else
        assign(found);
}

void rebalance::assign(std::span<assigned_partition> partitions) {
    if (rd_kafka_assignment_lost(&client_) != 0) {
        lose();
        return;
    }
    if (!partitions.empty())
        listener_.on_assigned(partitions);
    const auto list = to_list({});
    for (const auto& a : partitions) {
        auto* const element = rd_kafka_topic_partition_list_add(list.get(), a.partition.topic.c_str(),
                                                                value(a.partition.partition));
        const auto& start = a.start ? a.start : a.committed;
        element->offset = start ? value(*start) : RD_KAFKA_OFFSET_BEGINNING;
        if (!messages_.collect(a.partition))
            report(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "collecting messages of " + a.partition.topic);
    }
    if (cooperative_)
        report(rd_kafka_incremental_assign(&client_, list.get()), "incremental assign");
    else
        report(rd_kafka_assign(&client_, list.get()), "assign");
    step_ = step::settled;
    ++count_;
    for (const auto& a : partitions)
        assigned_.insert(a.partition);
    // Those that the listener paused meanwhile: before, librdkafka may not have known them.
    const std::vector<topic_partition> paused(paused_.begin(), paused_.end());
    silence(paused);
}

void rebalance::release(std::span<const topic_partition> partitions) {
    for (const auto& p : partitions)
        unreleased_.erase(p);
    unassign_when_released();
}

void rebalance::commit_answered() {
    --commits_in_flight_;
    unassign_when_released();
}

void rebalance::unassign_when_released() {
    if (step_ == step::awaiting_release && unreleased_.empty() && commits_in_flight_ == 0)
        unassign();
}

void rebalance::unassign() {
    step_ = step::outside;
    unreleased_.clear();
    unassign(std::exchange(partitions_, {}));
}

void rebalance::unassign(std::span<const topic_partition> partitions) {
    unpause(partitions);
    if (!cooperative_) {
        assigned_.clear();
        report(rd_kafka_assign(&client_, nullptr), "unassign");
        return;
    }
    // librdkafka refuses the whole list for one that it does not hold, and would wait for ever.
    std::vector<topic_partition> held;
    for (const auto& p : partitions) {
        if (assigned_.erase(p) != 0)
            held.push_back(p);
    }
    report(rd_kafka_incremental_unassign(&client_, to_list(held).get()), "incremental unassign");
}

void rebalance::abandon() {
    abandoned_ = true;
    if (step_ == step::awaiting_release)
        unassign();
    else if (step_ == step::reading_offsets)
        assign({});
}

void rebalance::tick() {
    if (step_ == step::awaiting_release && rd_kafka_assignment_lost(&client_) != 0)
        lose();
    else if (questions_.asking())
        return;
    else if (step_ == step::reading_offsets)
        ask_offsets();
    else if (step_ == step::awaiting_release)
        ask_membership();
}

void rebalance::ask_offsets() {
    questions_.ask_offsets(partitions_, [this](auto error, const auto& found) { on_offsets(error, found); });
}

void rebalance::ask_membership() {
    questions_.ask_membership([this, asked_in = count_](bool is_member) {
        if (!is_member && step_ == step::awaiting_release && count_ == asked_in)
            lose();
    });
}

void rebalance::pause(std::span<const topic_partition> partitions) {
    paused_.insert(partitions.begin(), partitions.end());
    std::vector<topic_partition> fetching;
    for (const auto& p : partitions) {
        if (!silent_.contains(p))
            fetching.push_back(p);
    }
    if (!fetching.empty()) {
        messages_.gather(); // librdkafka throws away what it still has of them
        silence(fetching);
    }
    messages_.park(partitions);
}

void rebalance::resume(std::span<const topic_partition> partitions) {
    std::vector<topic_partition> empty;
    for (const auto& p : partitions) {
        if (paused_.erase(p) != 0 && !messages_.unpark(p))
            empty.push_back(p);
    }
    fetch_again(empty);
}

void rebalance::fetch_again(std::span<const topic_partition> partitions) {
    std::vector<topic_partition> ready;
    for (const auto& p : partitions) {
        if (silent_.contains(p) && !paused_.contains(p))
            ready.push_back(p);
    }
    wake(ready);
}

void rebalance::silence(std::span<const topic_partition> partitions) {
    silent_.insert(partitions.begin(), partitions.end());
    if (!partitions.empty())
        report(rd_kafka_pause_partitions(&client_, to_list(partitions).get()), "pause");
}

void rebalance::wake(std::span<const topic_partition> partitions) {
    for (const auto& p : partitions)
        silent_.erase(p);
    if (!partitions.empty())
        report(rd_kafka_resume_partitions(&client_, to_list(partitions).get()), "resume");
}

/// Without a timeout librdkafka answers nothing; from this call on its queue hands out no older record.
void rebalance::seek(const topic_partition& of, record_offset offset) {
    if (!assigned_.contains(of))
        return;
    const std::span<const topic_partition> one(&of, 1);
    messages_.drop(one);
    const auto list = to_list(one);
    list->elems[0].offset = value(offset);
    report(rd_kafka_seek_partitions(&client_, list.get(), 0), "seek");
    report(list->elems[0].err == RD_KAFKA_RESP_ERR__IN_PROGRESS ? RD_KAFKA_RESP_ERR_NO_ERROR
                                                                : list->elems[0].err,
           "seek in " + of.topic);
    unpause(one);
}

/// librdkafka would remember the pause for the next assignment of the partition.
void rebalance::unpause(std::span<const topic_partition> partitions) {
    std::vector<topic_partition> silent;
    for (const auto& p : partitions) {
        paused_.erase(p);
        if (silent_.contains(p))
            silent.push_back(p);
    }
    wake(silent);
}

void rebalance::report(rd_kafka_error_t* error, const char* what) {
    if (const error_ptr owned{error})
        report(rd_kafka_error_code(owned.get()),
               std::string(what) + ": " + rd_kafka_error_string(owned.get()));
}

void rebalance::report(rd_kafka_resp_err_t error, const std::string& what) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        listener_.on_error(to_error_code(error), what);
}

} // namespace millrace::kafka

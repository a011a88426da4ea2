// What became of an event that this member has no memory of: asked of Kafka, which knows it for the whole
// group.
#pragma once

#include "millrace/event/record.hpp"
#include "millrace/kafka/cluster.hpp"
#include "millrace/processor/receipts.hpp"
#include "topic_keeper.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace millrace::processor {

/// Lives on the loop. The cluster answers every question, so every look ends.
class receipt_lookup {
  public:
    /// No receipt: the offset is past the log's end, or there is no such partition.
    using answer = std::function<void(result<std::optional<receipt>>)>;

    /// `cluster` and `topics` outlive it.
    receipt_lookup(kafka::cluster& cluster, topic_keeper& topics, std::string group)
        : cluster_(cluster), topics_(topics), group_(std::move(group)) {}

    /// `finished`: whether the event is final, where that is known better than by what the group has
    /// committed. Errors are Kafka's.
    void look(const coordinates& at, std::optional<bool> finished, answer done);

  private:
    struct search;
    using search_ptr = std::shared_ptr<search>;

    void look_at_range(const search_ptr& s);
    void read_record(const search_ptr& s);
    void ask_progress(const search_ptr& s);
    void decide(const search_ptr& s);
    void look_for_letter(const search_ptr& s);
    void take_letter(search& s, const kafka::message& letter);

    kafka::cluster& cluster_;
    topic_keeper& topics_;
    std::string group_;
    event::record_reader reader_;
    std::vector<field> headers_;
};

} // namespace millrace::processor

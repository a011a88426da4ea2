// Every partition that was ever assigned to this member, found by name in a few nanoseconds.
#pragma once

#include "millrace/processor/partition.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace millrace::processor {

/// Partitions are never removed, so that what points to one stays valid; there are as many as the topics
/// have.
class partition_table {
  public:
    partition* find(std::string_view topic, partition_id number) noexcept {
        if (last_ != nullptr && is(*last_, topic, number))
            return last_; // messages come in runs of one partition
        for (const auto& p : all_)
            if (is(*p, topic, number))
                return last_ = p.get();
        return nullptr;
    }

    partition& find_or_add(const topic_partition& name) {
        if (partition* const known = find(name.topic, name.partition))
            return *known;
        all_.push_back(std::make_unique<partition>(name, static_cast<key_scheduler::group>(all_.size())));
        return *all_.back();
    }

    const std::vector<std::unique_ptr<partition>>& all() const noexcept { return all_; }

  private:
    static bool is(const partition& p, std::string_view topic, partition_id number) noexcept {
        return p.name().partition == number && p.name().topic == topic;
    }

    std::vector<std::unique_ptr<partition>> all_;
    partition* last_ = nullptr;
};

} // namespace millrace::processor

// What an operator has paused: everything, or single partitions. No I/O.
#pragma once

#include "millrace/core/types.hpp"

#include <set>

namespace millrace::processor {

/// Names partitions whether or not they are this member's now, so that one that comes back is still paused.
/// Bounded by the partitions there are, which the caller sees to.
class pause_list {
  public:
    /// Each returns whether anything is different now.
    bool pause_all() noexcept {
        const bool was = all_;
        all_ = true;
        return !was;
    }
    bool pause(const topic_partition& name) { return single_.insert(name).second; }
    /// Nothing is paused any more, single partitions neither.
    bool resume_all() noexcept {
        const bool was = all_ || !single_.empty();
        all_ = false;
        single_.clear();
        return was;
    }
    bool resume(const topic_partition& name) { return single_.erase(name) != 0; }

    bool covers(const topic_partition& name) const { return all_ || single_.contains(name); }
    bool all() const noexcept { return all_; }
    const std::set<topic_partition>& single() const noexcept { return single_; }

  private:
    bool all_ = false;
    std::set<topic_partition> single_;
};

} // namespace millrace::processor

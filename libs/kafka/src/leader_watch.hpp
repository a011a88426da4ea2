// Whether the leader of a partition has changed while a record was on its way. No I/O, no clock.
#pragma once

#include "millrace/core/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace millrace::kafka {

/// By partition, as "topic/number"; -1 where there is none, or none is known.
using partition_leaders = std::map<std::string, std::int32_t>;

/// A leader that steps down answers NOT_LEADER_OR_FOLLOWER also for records that it has appended and that
/// were not acknowledged yet; the next leader may have them. librdkafka takes that answer for "not stored".
class leader_watch {
  public:
    void see(const partition_leaders& now_leading, steady_time now) {
        for (const auto& [partition, leader] : now_leading) {
            std::int32_t& known = leaders_.try_emplace(partition, leader).first->second;
            if (known != leader && known >= 0)
                changed_ = now;
            known = leader;
        }
    }

    bool changed_since(steady_time then) const noexcept { return changed_ && *changed_ >= then; }

  private:
    partition_leaders leaders_;
    std::optional<steady_time> changed_;
};

} // namespace millrace::kafka

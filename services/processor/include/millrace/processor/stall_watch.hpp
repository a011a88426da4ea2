// "Is it stuck?": handlers that take too long, partitions that do not get on though there is work, a group
// that does not settle. Only says so; nothing is abandoned. No I/O, no clock.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/types.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::processor {

enum class stall_reason : std::uint8_t { handler_late, no_progress, group_unsettled };
inline constexpr std::array all_stall_reasons = {stall_reason::handler_late, stall_reason::no_progress,
                                                 stall_reason::group_unsettled};

std::string_view to_string(stall_reason r) noexcept;

struct stall {
    stall_reason reason = stall_reason::no_progress;
    topic_partition of;                  ///< without a topic: the whole member
    std::optional<record_offset> offset; ///< of the late event; of the oldest that is not final; where known
    std::string id;                      ///< of that event; empty where not known
    steady_time since;                   ///< the attempt began; the last event became final

    /// Whether it is the same trouble, seen again.
    bool same_as(const stall& other) const noexcept;
};

/// For people: "the handler has had events/3/42 (id 7) for 65 s".
std::string describe(const stall& s, steady_time now);

struct stall_limits {
    milliseconds handler{0};  ///< of one attempt; 0: any time is fine
    milliseconds progress{0}; ///< between two signs of progress; 0: likewise
};

/// What is seen of the pipeline at one moment.
struct look_around {
    struct attempt {
        topic_partition of;
        record_offset offset{};
        std::string id;
        steady_time began;
    };
    struct partition {
        topic_partition name;
        std::uint64_t progress = 0; ///< any number that changes when something was read or became final
        bool waiting = false;       ///< there is something to read, or something that is not final
        bool excused = false;       ///< it is paused, or a handler is at it and not late
        std::optional<record_offset> oldest; ///< of what is not final
        std::string oldest_id;
    };
    std::vector<attempt> late; ///< attempts beyond their limit
    std::vector<partition> partitions;
    bool settled = true; ///< as a member of the group
};

class stall_watch {
  public:
    static constexpr std::size_t max_told = 100; ///< of late attempts, the oldest; others are counted only

    struct changes {
        std::vector<stall> begun, ended;
    };

    stall_watch() = default;
    explicit stall_watch(stall_limits limits) noexcept : limits_(limits) {}

    /// To be called about once a second.
    changes look(look_around seen, steady_time now);
    /// Nothing is to be watched any more.
    void stop();

    const stall_limits& limits() const noexcept { return limits_; }
    const std::vector<stall>& now() const noexcept { return stalls_; } ///< the oldest first
    std::uint64_t count(stall_reason r) const noexcept { return counts_[static_cast<std::size_t>(r)]; }

  private:
    struct course {
        std::uint64_t progress = 0;
        steady_time since;
    };

    void look_at_attempts(std::vector<look_around::attempt> late, std::vector<stall>& found);
    void look_at_partitions(std::vector<look_around::partition> seen, steady_time now,
                            std::vector<stall>& found);
    void look_at_group(bool settled, steady_time now, std::vector<stall>& found);
    bool too_long(steady_time since, steady_time now) const noexcept {
        return limits_.progress.count() > 0 && now - since >= limits_.progress;
    }

    stall_limits limits_;
    std::map<topic_partition, course> courses_;
    std::optional<steady_time> unsettled_since_;
    std::vector<stall> stalls_;
    std::array<std::uint64_t, all_stall_reasons.size()> counts_{};
};

} // namespace millrace::processor

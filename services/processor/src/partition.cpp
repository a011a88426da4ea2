#include "millrace/processor/partition.hpp"

#include <array>
#include <utility>

namespace millrace::processor {

std::string_view to_string(partition_state s) noexcept {
    static constexpr std::array<std::string_view, 4> names = {"active", "throttled", "revoking", "gone"};
    return names[static_cast<std::size_t>(s)];
}

void partition::assign(std::optional<record_offset> committed, name_table& sources,
                       const partition_limits& limits) {
    state_ = partition_state::active;
    ++term_;
    committed_ = asked_ = committed;
    tracker = offset_tracker(committed);
    identity = log_identity();
    dedup = dedup_window(limits.dedup);
    heard_ = doubted_ = false;
    end_told.reset();
    receipts = std::make_unique<processor::receipts>(sources, limits.receipts);
    held_back_ = hysteresis(limits.max_held_back);
    window_ = hysteresis(limits.max_window);
    unfinished = under_way = 0;
}

void partition::revoke() noexcept {
    if (owned())
        state_ = partition_state::revoking;
}

void partition::give_up() noexcept {
    state_ = partition_state::gone;
    ++term_;
    receipts.reset();
    dedup = dedup_window();
    tracker = offset_tracker();
    committed_ = asked_ = std::nullopt;
    unfinished = under_way = 0;
}

void partition::start_over(record_offset beginning, name_table& sources, const partition_limits& limits) {
    assign(std::nullopt, sources, limits);
    tracker = offset_tracker(beginning); // which is committed in place of what the group has
}

bool partition::hear(record_offset at) noexcept {
    const bool first = !std::exchange(heard_, true);
    const bool behind = tracker.position() > at && !std::exchange(doubted_, true);
    return behind || (first && (doubted_ || identity.sworn()));
}

bool partition::regulate(std::size_t held_back) noexcept {
    if (!takes_events())
        return false;
    held_back_.update(held_back);
    window_.update(tracker.window());
    const bool throttle = held_back_.on() || window_.on();
    if (throttle == (state_ == partition_state::throttled))
        return false;
    state_ = throttle ? partition_state::throttled : partition_state::active;
    return true;
}

std::optional<record_offset> partition::to_commit() const noexcept {
    const auto watermark = tracker.watermark();
    return owned() && !doubted_ && watermark != asked_ ? watermark : std::nullopt;
}

} // namespace millrace::processor

#include "millrace/processor/dedup_tail.hpp"

#include <algorithm>
#include <utility>

namespace millrace::processor {
namespace {

constexpr std::size_t max_marks = 128;
constexpr std::uint64_t parts = 16; // of each limit, a mark each

} // namespace

tail_marks::tail_marks(const tail_limits& limits) : limits_(limits) {
    if (limits.window.count() > 0 && limits.max_records > 0)
        due_at_ = record_offset{0}; // the first one is marked
}

void tail_marks::mark(record_offset at) {
    marks_.push_back({at, newest_, bytes_});
    if (marks_.size() > max_marks) { // a commit that does not move: every second one will do
        for (std::size_t i = 1; i * 2 < marks_.size(); ++i)
            marks_[i] = marks_[i * 2];
        marks_.resize((marks_.size() + 1) / 2);
    }
    const auto step = [](std::uint64_t limit) { return std::max<std::uint64_t>(1, limit / parts); };
    due_at_ = record_offset{value(at) + static_cast<std::int64_t>(step(limits_.max_records))};
    due_bytes_ = bytes_ + step(limits_.max_bytes);
    due_time_ =
        unix_ms{newest_.value + std::max<std::int64_t>(1, limits_.window.count() / std::int64_t{parts})};
}

std::optional<record_offset> tail_marks::begin(record_offset end) {
    const auto after = std::ranges::upper_bound(marks_, end, {}, &mark_point::at);
    if (after == marks_.begin() || marks_.front().at >= end)
        return std::nullopt;
    const mark_point last = *std::prev(after); // how far the reader at `end` is, but for a part
    const auto unneeded = [&](const mark_point& m) {
        return m.newest.value < last.newest.value - limits_.window.count() ||
               static_cast<std::uint64_t>(value(end) - value(m.at)) >= limits_.max_records;
    };
    while (marks_.size() > 1 && marks_[1].at < end && unneeded(marks_[1]))
        marks_.pop_front();
    while (marks_.size() > 1 && marks_[1].at < end && last.bytes - marks_.front().bytes > limits_.max_bytes)
        marks_.pop_front();
    return marks_.front().at;
}

tail_reading::tail_reading(record_offset begin, record_offset end, std::uint64_t max_bytes,
                           milliseconds max_time)
    : begin_(begin),
      end_(end),
      at_(begin),
      from_(begin),
      left_(max_bytes),
      look_at_(max_bytes / parts),
      time_left_(max_time) {}

std::optional<record_offset> tail_reading::read(record_offset at, std::size_t bytes) noexcept {
    ++records_;
    if (spent_ == 0)
        from_ = at; // where the log begins may be later than asked
    at_ = next(at);
    spent_ += bytes;
    if (!on() || spent_ < look_at_)
        return std::nullopt;
    const std::uint64_t offsets = static_cast<std::uint64_t>(value(at_) - value(from_));
    const std::uint64_t each = std::max<std::uint64_t>(1, spent_ / offsets);
    left_ -= std::min(left_, spent_);
    const auto worth = static_cast<std::int64_t>(std::min<std::uint64_t>(left_ / each, INT64_MAX / 2));
    spent_ = 0;
    look_at_ = std::max<std::uint64_t>(1, left_ / 4);
    if (worth >= value(end_) - value(at_))
        return std::nullopt;
    at_ = record_offset{value(end_) - worth};
    return at_;
}

bool tail_reading::pass(milliseconds time) noexcept {
    if (!on())
        return false;
    time_left_ -= time;
    if (time_left_.count() > 0)
        return false;
    finish();
    return true;
}

} // namespace millrace::processor

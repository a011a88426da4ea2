#include "millrace/processor/offset_tracker.hpp"

namespace millrace::processor {
namespace {

constexpr std::size_t first_size = 64; // a power of two, as every size after it

constexpr std::uint64_t unfinished(record_offset end) noexcept {
    return static_cast<std::uint64_t>(value(end)) << 1;
}

constexpr record_offset end_of(std::uint64_t entry) noexcept {
    return static_cast<record_offset>(entry >> 1);
}

} // namespace

offset_tracker::offset_tracker(std::optional<record_offset> start)
    : ring_(first_size), watermark_(start), position_(start) {}

offset_tracker::sequence offset_tracker::add(record_offset offset) {
    if (window() == ring_.size())
        grow();
    if (!watermark_)
        watermark_ = offset; // nothing was committed before: what lies below never concerns this group
    position_ = next(offset);
    at(tail_) = unfinished(*position_);
    return tail_++;
}

bool offset_tracker::finish(sequence s) noexcept {
    at(s) |= 1U;
    ++finished_;
    if (s != head_)
        return false;
    while (head_ != tail_ && (at(head_) & 1U) != 0)
        watermark_ = end_of(at(head_++));
    return true;
}

void offset_tracker::skip_to(record_offset end) noexcept {
    if (position_ && *position_ >= end)
        return;
    position_ = end;
    if (head_ == tail_) {
        watermark_ = end;
        return;
    }
    // The gap is passed together with the event before it.
    entry& last = at(tail_ - 1);
    last = unfinished(end) | (last & 1U);
}

bool offset_tracker::is_finished(record_offset offset) const noexcept {
    if (!watermark_ || offset < *watermark_)
        return watermark_.has_value();
    sequence low = head_, high = tail_; // the first event that ends after the offset
    while (low < high) {
        const sequence middle = low + (high - low) / 2;
        if (end_of(at(middle)) > offset)
            high = middle;
        else
            low = middle + 1;
    }
    return low != tail_ && (at(low) & 1U) != 0;
}

offset_runs offset_tracker::finished_beyond() const {
    offset_runs runs;
    bool open = false;
    for (sequence s = head_; s != tail_; ++s) {
        const entry e = at(s);
        if ((e & 1U) == 0) {
            open = false;
        } else if (open) {
            runs.back().to = end_of(e);
        } else { // the first one of the window is not finished
            runs.push_back({end_of(at(s - 1)), end_of(e)});
            open = true;
        }
    }
    return runs;
}

void offset_tracker::grow() {
    std::vector<entry> larger(ring_.size() * 2);
    for (sequence s = head_; s != tail_; ++s)
        larger[static_cast<std::size_t>(s) & (larger.size() - 1)] = at(s);
    ring_.swap(larger);
}

} // namespace millrace::processor

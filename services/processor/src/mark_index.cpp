#include "mark_index.hpp"

#include <algorithm>

namespace millrace::processor {
namespace {

constexpr std::int64_t step = 5'000; // records of one piece

} // namespace

void mark_index::adopt(const topic_partition& of, record_offset low, record_offset high) {
    const auto [at, is_new] = logs_.try_emplace(of);
    stretch& s = at->second;
    if (is_new || high < s.to || low > s.to) {
        size_ -= s.marks.size();
        s.marks.clear();
        s.from = s.to = high;
    }
    if (low > s.low) // retention has removed letters
        size_ -= std::erase_if(s.marks, [&](const auto& m) { return m.second.letter < low; });
    s.low = low;
    s.high = high;
    s.from = std::max(s.from, low);
}

std::optional<mark_index::piece> mark_index::missing(const topic_partition& of, record_offset from) const {
    const auto at = logs_.find(of);
    if (at == logs_.end())
        return std::nullopt;
    const stretch& s = at->second;
    if (s.to < s.high)
        return piece{s.to, std::min(s.high, record_offset{value(s.to) + step})};
    if (from < s.from)
        return piece{std::max(from, record_offset{value(s.from) - step}), s.from};
    return std::nullopt;
}

void mark_index::learn(const topic_partition& of, const piece& read) {
    const auto at = logs_.find(of);
    if (at == logs_.end())
        return;
    stretch& s = at->second;
    if (read.from <= s.to && read.to >= s.from) {
        s.from = std::min(s.from, read.from);
        s.to = std::max(s.to, read.to);
    }
}

void mark_index::add(const topic_partition& of, const mark& m) {
    const auto at = logs_.find(of);
    if (at == logs_.end())
        return;
    const place event{m.event.partition, m.event.offset, m.timestamp.value};
    if (at->second.marks.insert_or_assign(event, known{m.letter, m.at}).second)
        ++size_;
}

std::optional<unix_ms> mark_index::redriven_at(const topic_partition& of, const letter& l) const {
    const auto at = logs_.find(of);
    if (at == logs_.end())
        return std::nullopt;
    const auto found = at->second.marks.find({l.event.partition, l.event.offset, l.timestamp.value});
    if (found == at->second.marks.end())
        return std::nullopt;
    return found->second.at;
}

void mark_index::clear() noexcept {
    logs_.clear();
    size_ = 0;
}

} // namespace millrace::processor

#include "redrive_plan.hpp"

#include <algorithm>
#include <utility>

namespace millrace::processor {

redrive_plan::redrive_plan(std::vector<topic_partition> logs) : logs_(std::move(logs)) {
    for (const topic_partition& log : logs_) {
        const auto first = std::ranges::find(logs_, log.topic, &topic_partition::topic);
        topics_.push_back(static_cast<std::uint32_t>(first - logs_.begin()));
    }
}

std::size_t redrive_plan::hash::operator()(const key& k) const noexcept {
    const auto place = static_cast<std::uint64_t>(value(k.offset)) * 0x9e3779b97f4a7c15U;
    return static_cast<std::size_t>(place ^ (std::uint64_t{k.topic} << 40U) ^
                                    (static_cast<std::uint64_t>(value(k.partition)) << 20U));
}

void redrive_plan::survey() {
    events_.clear();
    selected_ = redriven_ = failed_now_ = 0;
}

bool redrive_plan::saw_letter(std::size_t log, const letter_place& l) {
    if (events_.size() >= max_events)
        return false;
    const key k = key_of(log, l.event, l.timestamp);
    event& e = events_[k];
    if (e.wanted)
        return true; // the letter is there twice
    e.wanted = true;
    e.log = static_cast<std::uint32_t>(log);
    e.letter = l.letter;
    ++selected_;
    redriven_ += e.redriven ? 1U : 0U;
    failed_now_ += !e.redriven && failed_.contains(k) ? 1U : 0U;
    return true;
}

bool redrive_plan::set_redriven(const key& k) {
    if (events_.size() >= max_events)
        return false;
    event& e = events_[k];
    if (e.wanted && !e.redriven)
        ++redriven_;
    e.redriven = true;
    return true;
}

bool redrive_plan::is_pending(std::size_t log, const letter_place& l) const {
    const key k = key_of(log, l.event, l.timestamp);
    const auto found = events_.find(k);
    return found != events_.end() && found->second.wanted && !found->second.redriven &&
           found->second.log == log && found->second.letter == l.letter && !failed_.contains(k);
}

bool redrive_plan::is_redriven(std::size_t log, const letter_place& l) const {
    const auto found = events_.find(key_of(log, l.event, l.timestamp));
    return found != events_.end() && found->second.redriven;
}

void redrive_plan::set_failed(std::size_t log, const letter_place& l) {
    if (failed_.insert(key_of(log, l.event, l.timestamp)).second)
        ++failed_now_;
}

} // namespace millrace::processor

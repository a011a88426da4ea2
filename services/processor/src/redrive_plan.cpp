#include "redrive_plan.hpp"

#include "letter.hpp"

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

bool redrive_plan::saw_letter(std::size_t log, record_offset letter, const coordinates& of, unix_ms stored) {
    if (events_.size() >= max_events)
        return false;
    event& e = events_[key_of(log, of)];
    if (e.redriven && !may_be_of(e.marked, stored)) { // that was another event
        if (e.wanted) {
            --selected_;
            --redriven_;
        }
        e = {};
    }
    if (e.wanted)
        return true; // the letter is there twice
    e.wanted = true;
    e.log = static_cast<std::uint32_t>(log);
    e.letter = letter;
    ++selected_;
    redriven_ += e.redriven ? 1U : 0U;
    failed_now_ += !e.redriven && failed_.contains(key_of(log, of)) ? 1U : 0U;
    return true;
}

bool redrive_plan::saw_mark(std::size_t log, const coordinates& of, unix_ms at) {
    if (events_.size() >= max_events)
        return false;
    event& e = events_[key_of(log, of)];
    if (e.wanted && !e.redriven)
        ++redriven_;
    e.redriven = true;
    e.marked = std::max(e.marked, at);
    return true;
}

bool redrive_plan::is_pending(std::size_t log, record_offset letter, const coordinates& of) const {
    const key k = key_of(log, of);
    const auto found = events_.find(k);
    return found != events_.end() && found->second.wanted && !found->second.redriven &&
           found->second.log == log && found->second.letter == letter && !failed_.contains(k);
}

bool redrive_plan::is_redriven(std::size_t log, const coordinates& of) const {
    const auto found = events_.find(key_of(log, of));
    return found != events_.end() && found->second.redriven;
}

void redrive_plan::set_redriven(std::size_t log, const coordinates& of) {
    saw_mark(log, of, unix_ms{INT64_MAX});
}

void redrive_plan::set_failed(std::size_t log, const coordinates& of) {
    if (failed_.insert(key_of(log, of)).second)
        ++failed_now_;
}

} // namespace millrace::processor

#include "letter_page.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace millrace::processor {
namespace {

constexpr std::size_t min_step = 20;
constexpr std::size_t max_step = 2'000;

} // namespace

letter_page::letter_page(std::vector<source> sources, std::size_t limit, std::size_t max_records)
    : limit_(limit), records_left_(max_records) {
    // Letters are mostly spread evenly: each log gives its share and a little more.
    const std::size_t share = 2 * limit / std::max<std::size_t>(1, sources.size());
    for (source& s : sources) {
        log& l = logs_.emplace_back();
        static_cast<source&>(l) = std::move(s);
        l.step = std::clamp(share, min_step, max_step);
    }
}

// Of every log the youngest letter has to be known, else the next one on the page is not.
std::optional<letter_page::piece> letter_page::next() {
    while (letters_.size() < limit_) {
        log* youngest = nullptr;
        for (log& l : logs_) {
            if (!l.waiting.empty()) {
                if (youngest == nullptr ||
                    l.waiting.back().what.stored > youngest->waiting.back().what.stored)
                    youngest = &l;
            } else if (!l.read_up()) {
                if (records_left_ == 0)
                    return std::nullopt;
                const auto available = static_cast<std::size_t>(value(l.below) - value(l.low));
                const std::size_t records = std::min({l.step, available, records_left_});
                const record_offset from{value(l.below) - static_cast<std::int64_t>(records)};
                return piece{static_cast<std::size_t>(&l - logs_.data()), from, l.below};
            }
        }
        if (youngest == nullptr)
            return std::nullopt;
        letters_.push_back(std::move(youngest->waiting.back()));
        youngest->waiting.pop_back();
    }
    return std::nullopt;
}

void letter_page::give(const piece& p, std::vector<listed_letter> found) {
    log& l = logs_[p.source];
    records_left_ -= std::min(records_left_, static_cast<std::size_t>(value(p.to) - value(p.from)));
    l.step = std::min(2 * l.step, max_step); // the filter finds little, or this log has more than its share
    l.below = p.from;
    l.waiting.assign(std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
}

std::optional<letter_cursor> letter_page::cursor() const {
    letter_cursor c;
    for (const log& l : logs_) {
        if (!l.waiting.empty())
            c[l.of] = millrace::next(l.waiting.back().what.place.offset);
        else if (!l.read_up())
            c[l.of] = l.below;
    }
    return c.empty() ? std::nullopt : std::optional(std::move(c));
}

} // namespace millrace::processor

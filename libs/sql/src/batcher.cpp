#include "millrace/sql/batcher.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace millrace::sql {

void batcher::add(ticket t, std::size_t bytes, steady_time now) {
    fresh_.push_back({{t, bytes}, now});
    fresh_bytes_ += bytes;
    ++in_hand_;
}

std::optional<steady_time> batcher::due() const {
    if (!pieces_.empty())
        return not_before_;
    if (fresh_.empty())
        return std::nullopt;
    const bool full = fresh_.size() >= limits_.max_events || fresh_bytes_ >= limits_.max_bytes ||
                      in_hand_ >= limits_.max_in_hand;
    return full ? not_before_ : std::max(not_before_, fresh_.front().since + limits_.linger);
}

std::optional<batcher::batch> batcher::take(steady_time now) {
    if (const auto when = due(); !when || now < *when)
        return std::nullopt;
    if (pieces_.empty())
        return cut();
    batch b = std::move(pieces_.front());
    pieces_.pop_front();
    return b;
}

batcher::batch batcher::cut() {
    batch b;
    std::size_t bytes = 0;
    while (!fresh_.empty() && b.size() < limits_.max_events) {
        const item& next = fresh_.front().what;
        if (!b.empty() && bytes + next.bytes > limits_.max_bytes)
            break;
        bytes += next.bytes;
        b.push_back(next);
        fresh_.pop_front();
    }
    fresh_bytes_ -= bytes;
    return b;
}

void batcher::again(batch b, steady_time not_before) {
    pieces_.push_front(std::move(b));
    not_before_ = not_before;
}

void batcher::divide(const batch& b) {
    assert(b.size() > 1);
    const auto half = b.begin() + static_cast<std::ptrdiff_t>(b.size() / 2);
    pieces_.emplace_front(half, b.end());
    pieces_.emplace_front(b.begin(), half);
}

void batcher::put_back(batch b) {
    if (!b.empty())
        pieces_.push_front(std::move(b));
}

} // namespace millrace::sql

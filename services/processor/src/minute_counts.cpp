#include "millrace/processor/minute_counts.hpp"

#include <algorithm>

namespace millrace::processor {

void minute_counts::turn(unix_ms now) noexcept {
    const std::int64_t minute = minute_of(now);
    if (minute <= minute_)
        return;
    const std::int64_t skipped = std::min(minute - minute_ - 1, static_cast<std::int64_t>(ended));
    for (series& s : all_) {
        s.windows[slot(minute_)] = static_cast<std::uint32_t>(s.total - s.before);
        s.before = s.total;
        for (std::int64_t i = 0; i < skipped; ++i)
            s.windows[slot(minute - 1 - i)] = 0;
    }
    minute_ = minute;
}

std::vector<std::uint64_t> minute_counts::per_minute(index i) const {
    const series& s = all_[i];
    std::vector<std::uint64_t> out{s.total - s.before};
    for (std::int64_t age = 1; age <= static_cast<std::int64_t>(ended) && age <= minute_; ++age)
        out.push_back(s.windows[slot(minute_ - age)]);
    while (out.size() > 1 && out.back() == 0)
        out.pop_back();
    return out;
}

milliseconds minute_counts::left(unix_ms now) const noexcept {
    return milliseconds{std::max<std::int64_t>(1, (minute_ + 1) * minute_ms - now.value)};
}

} // namespace millrace::processor

#include "loop_metrics.hpp"

#include <algorithm>

namespace millrace::ingress {

void request_counts::add(std::string_view route, unsigned status) noexcept {
    const auto r = std::ranges::find(routes, route);
    const auto s = std::ranges::find(statuses, status);
    const auto row = std::min<std::size_t>(static_cast<std::size_t>(r - routes.begin()), routes.size() - 1);
    const auto column =
        std::min<std::size_t>(static_cast<std::size_t>(s - statuses.begin()), statuses.size() - 1);
    counts_[row][column].add();
}

} // namespace millrace::ingress

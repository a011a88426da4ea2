// The few numbers of interest in librdkafka's statistics.
#pragma once

#include <optional>
#include <string_view>

namespace millrace::kafka {

struct broker_counts {
    int up = 0;
    int known = 0; ///< brokers of the cluster; bootstrap entries do not count
};

/// Of a statistics document; none where it is not one. Stops reading after the brokers: the rest is long
/// where there are many partitions.
std::optional<broker_counts> count_brokers(std::string_view json);

} // namespace millrace::kafka

// The topics that may be posted to, and what is known of them in Kafka.
#pragma once

#include "millrace/settings/settings.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace millrace::ingress {

struct topic {
    std::string name;
    std::string source; ///< of plain events
    std::string type;
    settings::topic wanted;
    std::atomic<int> partitions{0};       ///< 0: unknown or missing. Written by the first loop, read by all.
    std::atomic<bool> missing{false};     ///< Kafka said that there is no such topic; the same
    std::atomic<std::uint32_t> losses{0}; ///< how often it went, with all that was stored; the same
};

/// The allow-list. Fixed after construction but for what is known of a topic in Kafka.
class topics {
  public:
    explicit topics(const settings::file& from);

    /// Nothing where the topic is not on the list.
    const topic* find(std::string_view name) const noexcept;
    const topic& default_topic() const noexcept { return *default_; }

    std::deque<topic>& all() noexcept { return all_; }
    const std::deque<topic>& all() const noexcept { return all_; }

  private:
    std::deque<topic> all_;
    const topic* default_ = nullptr;
};

} // namespace millrace::ingress

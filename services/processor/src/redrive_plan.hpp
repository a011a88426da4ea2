// Which events a redrive is about, and what has become of each. No I/O.
#pragma once

#include "letter.hpp"
#include "millrace/core/clock.hpp"
#include "millrace/core/types.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace millrace::processor {

/// Made by a survey of the dead-letter partitions (`logs`, by number): first each letter that is wanted,
/// then, behind it, the mark that says that its event was redriven. An event counts once, however many
/// letters it has: the first one stands for it. Some 90 bytes an event, at most `max_events`.
class redrive_plan {
  public:
    static constexpr std::size_t max_events = 1'000'000;

    explicit redrive_plan(std::vector<topic_partition> logs);

    const std::vector<topic_partition>& logs() const noexcept { return logs_; }

    /// Another survey begins: what Kafka holds may have changed. What could not be redriven is not tried
    /// again.
    void survey();
    /// False: there are more events than there is room for.
    bool saw_letter(std::size_t log, const letter_place& l);
    bool saw_mark(std::size_t log, const mark& m) { return set_redriven(key_of(log, m.event, m.timestamp)); }

    /// Whether this letter is to be redriven.
    bool is_pending(std::size_t log, const letter_place& l) const;
    bool is_redriven(std::size_t log, const letter_place& l) const;
    void set_redriven(std::size_t log, const letter_place& l) {
        set_redriven(key_of(log, l.event, l.timestamp));
    }
    void set_failed(std::size_t log, const letter_place& l);

    std::uint64_t selected() const noexcept { return selected_; } ///< events whose letters are wanted
    std::uint64_t redriven() const noexcept { return redriven_; } ///< of them, by whomever
    std::uint64_t failed() const noexcept { return failed_now_; }
    std::uint64_t pending() const noexcept { return selected_ - redriven_ - failed_now_; }

  private:
    struct key {
        std::uint32_t topic;
        partition_id partition;
        record_offset offset;
        std::int64_t timestamp_ms;
        bool operator==(const key&) const = default;
    };
    struct hash {
        std::size_t operator()(const key& k) const noexcept;
    };
    struct event {
        std::uint32_t log = 0;
        record_offset letter{};
        bool wanted = false;
        bool redriven = false;
    };

    key key_of(std::size_t log, const coordinates& of, unix_ms timestamp) const noexcept {
        return {topics_[log], of.partition, of.offset, timestamp.value};
    }
    bool set_redriven(const key& k);

    std::vector<topic_partition> logs_;
    std::vector<std::uint32_t> topics_; ///< by log: a number for its topic
    std::unordered_map<key, event, hash> events_;
    std::unordered_set<key, hash> failed_;
    std::uint64_t selected_ = 0;
    std::uint64_t redriven_ = 0;
    std::uint64_t failed_now_ = 0; ///< of the events that this survey found
};

} // namespace millrace::processor

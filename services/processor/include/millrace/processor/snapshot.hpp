// What /status says, as plain values, and its JSON: docs/processor.md. No I/O.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/types.hpp"
#include "millrace/processor/history.hpp"
#include "millrace/processor/partition.hpp"
#include "millrace/processor/stall_watch.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::processor {

enum class service_state : std::uint8_t { starting, running, rebalancing, paused, stalled, draining };

std::string_view to_string(service_state s) noexcept;

struct partition_snapshot {
    topic_partition name;
    partition_state state = partition_state::active;
    bool rebuilding = false; ///< shown as its state where that would be `active`
    std::optional<record_offset> committed;
    std::optional<record_offset> processed; ///< the next offset after the contiguous processed prefix
    std::optional<record_offset> position;  ///< the next offset to fetch
    std::optional<record_offset> end;
    std::size_t in_flight = 0;
    std::optional<double> oldest_in_flight_s;

    /// From the position to the log's end; none where either is unknown.
    std::optional<std::int64_t> lag() const noexcept;
};

struct stall_snapshot {
    stall what;
    unix_ms since;
};

struct snapshot {
    std::string_view version;
    service_state state = service_state::starting;
    double uptime_s = 0;

    struct {
        std::string id;
        std::string member_id;
        std::string protocol;
        std::string state;
        std::uint64_t rebalances = 0;
        std::optional<unix_ms> last_rebalance;
    } group;
    std::vector<partition_snapshot> partitions;
    std::vector<stall_snapshot> stalls; ///< the oldest first
    struct {
        std::uint64_t received = 0;
        std::uint64_t processed = 0;
        std::uint64_t retried = 0;
        std::optional<std::uint64_t> duplicates; ///< none while nothing looks for them
        std::uint64_t dead_lettered = 0;
    } totals;
    struct {
        std::optional<double> received_10s, received_60s, processed_10s, processed_60s;
    } rates;
    percentiles end_to_end;
    percentiles handling;
    struct {
        std::string name;
        std::uint64_t concurrency = 0;
        std::uint64_t in_flight = 0;
        std::string own_json; ///< an object, or empty
    } handler;
    struct {
        std::uint64_t pending = 0; ///< events on their way to a dead-letter topic
        std::string last_error;    ///< why the last one could not be stored; empty once it could
    } dead_letters;
    struct {
        std::optional<int> brokers_up; ///< none: not known yet
        std::optional<int> brokers_known;
        std::uint64_t received_bytes = 0;
        std::string last_error;
    } kafka;
    std::vector<std::pair<std::string, std::uint64_t>> by_type; ///< most frequent first
    bool all_paused = false;
    std::vector<topic_partition> paused_partitions; ///< one by one, this member's or not
    std::string redrive_json;                       ///< an object, or empty
};

std::string to_json(const snapshot& s);

/// The answer to GET /v1/events/{topic}/{partition}/{offset}.
std::string to_json(const receipt& r);

} // namespace millrace::processor

// How a log is told from another one of the same name, whose offsets mean other records: a topic that was
// deleted and made again. No I/O.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::processor {

/// A record that was seen in the log. Another log has another record at that offset, or none yet.
struct witness {
    record_offset offset{};
    unix_ms timestamp;
    std::uint64_t checksum = 0; ///< of key and value

    friend bool operator==(const witness&, const witness&) = default;
};

std::uint64_t checksum(std::optional<std::string_view> key, std::optional<std::string_view> value) noexcept;

/// As it is kept with a commit, for whoever goes on from there.
std::string to_metadata(const witness& w);
/// None where the commit is somebody else's.
std::optional<witness> parse_witness(std::string_view metadata) noexcept;

/// What one partition knows of its log. From time to time `ask` names the witness, which is looked for in
/// Kafka; while it is there, everything fetched before the question came from the same log, because a log
/// that was deleted never comes back. So the witness is older than all that it speaks for, and is replaced
/// (retention would remove it one day) only by a record fetched before a question that was answered well.
class log_identity {
  public:
    log_identity() noexcept = default;
    /// `sworn`: the witness of the commit from which the partition is read.
    explicit log_identity(std::optional<witness> sworn) noexcept : sworn_(sworn) {}

    /// Whether the next record is of interest.
    bool wants() const noexcept { return wants_; }
    void show(const witness& fetched) noexcept;

    /// The witness to look for; none where nothing was fetched yet.
    const std::optional<witness>& ask() noexcept;
    /// It is there, or it is gone as old records go.
    void confirm() noexcept;

    const std::optional<witness>& sworn() const noexcept { return sworn_; }

  private:
    std::optional<witness> sworn_;
    std::optional<witness> next_;
    std::optional<witness> heir_; ///< fetched before the question
    bool wants_ = true;
};

} // namespace millrace::processor

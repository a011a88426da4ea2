// How far a redrive has come: for its answer and for /status. No I/O.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/error.hpp"
#include "millrace/core/types.hpp"
#include "millrace/http/problem.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace millrace::processor {

struct redrive_report {
    enum class state : std::uint8_t { running, done, failed, stopped };

    struct copy {
        coordinates letter;
        coordinates event; ///< where the copy is
    };
    struct failure {
        coordinates letter;
        std::string reason;
    };

    state now = state::running;
    bool dry_run = false;
    unix_ms started;
    std::optional<unix_ms> finished;
    std::uint64_t selected = 0;
    std::uint64_t already = 0; ///< redriven before
    std::uint64_t redriven = 0;
    std::uint64_t failed = 0;
    std::vector<copy> copies;      ///< the first ones
    std::vector<failure> failures; ///< the first ones
    error_code error;              ///< why it failed
    std::string detail;            ///< in Kafka's words

    /// Retention may have removed letters that were redriven a moment ago.
    std::uint64_t left() const noexcept {
        const std::uint64_t gone = already + redriven + failed;
        return selected - std::min(selected, gone);
    }
};

std::string to_json(const redrive_report& r, bool with_copies);

/// The answer to a redrive that did not end well.
http::problem problem_of(const redrive_report& r);

} // namespace millrace::processor

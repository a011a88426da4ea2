// Which dead letters are to be redriven, and how: the body of POST /v1/dead-letters/redrive. No I/O.
#pragma once

#include "letter.hpp"
#include "millrace/http/problem.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <variant>

namespace millrace::processor {

/// All conditions that are given have to hold.
struct redrive_order {
    std::set<coordinates> letters; ///< by their own place; any where empty
    std::set<coordinates> events;  ///< by the place of the event; any where empty
    std::string topic;             ///< of the events
    std::string error_class;
    bool dry_run = false;
    std::uint64_t rate_per_second = 0; ///< 0: no limit
    std::uint64_t max = UINT64_MAX;    ///< letters

    bool wants(const letter& l) const;
    /// Whether any letter of that partition may be wanted; `partitions` of a topic's dead letters.
    bool may_be_in(const topic_partition& letters_of, int partitions) const;
};

/// A body that names nothing is refused: everything has to be asked for by {"all": true}.
std::variant<redrive_order, http::problem> parse_redrive_order(std::string_view body);

} // namespace millrace::processor

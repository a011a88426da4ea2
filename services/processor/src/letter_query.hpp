// Which dead letters a client wants to see: the query of GET /v1/dead-letters. No I/O.
#pragma once

#include "letter.hpp"
#include "letter_cursor.hpp"
#include "millrace/http/problem.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace millrace::processor {

struct letter_query {
    std::size_t limit = 100;
    std::optional<letter_cursor> cursor;
    std::string topic; ///< of the events; all where empty
    std::string error_class;
    std::string type;
    std::string id;
    std::optional<bool> redriven;

    bool wants(const letter& l, bool was_redriven) const noexcept;
};

std::variant<letter_query, http::problem> parse_letter_query(std::string_view query);

} // namespace millrace::processor

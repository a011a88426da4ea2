// Whether the events of a request match the JSON Schema of their topic. Contract section 2.1. No I/O.
#pragma once

#include "millrace/event/event.hpp"
#include "millrace/event/json.hpp"
#include "millrace/event/schema.hpp"
#include "millrace/http/problem.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace millrace::ingress {

/// Reuses its memory; one a loop.
class schema_check {
  public:
    explicit schema_check(std::size_t max_json_depth) : json_(max_json_depth) {}

    /// 422 with the places of the events that do not match, up to a hundred; nothing where all match.
    /// `batch`: there are indexes to name.
    std::optional<http::problem> problem_of(const event::schema& of_topic,
                                            std::span<const event::event> events, bool batch);

  private:
    event::json_checker json_;
};

} // namespace millrace::ingress

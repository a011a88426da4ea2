// Does this JSON match a JSON Schema of draft 7? Bounded for any event; see docs/schemas.md.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::event {

/// One place of an event that does not match.
struct violation {
    std::string pointer; ///< RFC 6901, into the event's data; "" for all of it
    std::string detail;  ///< what the schema wants there
};

/// Immutable once parsed: all loops may use one at the same time.
class schema {
  public:
    /// A schema that says something that is not understood is refused, rather than letting everything pass:
    /// null then, and `problem` says what, and at which pointer into the schema.
    static std::shared_ptr<const schema> parse(std::string_view text, std::string& problem);

    ~schema();
    schema(const schema&) = delete;
    schema& operator=(const schema&) = delete;

    /// At most `most` of the places that do not match, in the order of the schema; none: it matches. `json`
    /// has passed a json_checker: of anything else the answer means nothing. Where the work grows out of all
    /// proportion to the size of the event, it stops, and that is a violation.
    std::vector<violation> violations(std::string_view json, std::size_t most) const;

  private:
    struct impl;
    explicit schema(std::unique_ptr<const impl> made);
    std::unique_ptr<const impl> impl_;
};

} // namespace millrace::event

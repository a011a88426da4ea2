// Why an event was refused, in the words of the problem details that the client will read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::event {

enum class fault_code { malformed_request, malformed_event, too_large, unsupported_media_type };

/// One place that is to blame.
struct blame {
    std::optional<std::size_t> index; ///< of the event in a batch, from 0; none for a single event
    std::string pointer; ///< JSON pointer into the event (RFC 6901); "/id" for an attribute, "" for all
    std::string detail;  ///< what is wrong and what to do
};

struct fault {
    fault_code code = fault_code::malformed_request;
    std::string detail;
    std::vector<blame> blames;
};

} // namespace millrace::event

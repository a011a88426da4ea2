// Media types as Content-Type and datacontenttype have them (RFC 9110, section 8.3.1).
#pragma once

#include <optional>
#include <string_view>

namespace millrace::event {

/// Without its parameters; in the case it was sent.
struct media_type {
    std::string_view type;
    std::string_view subtype;

    bool is(std::string_view other_type, std::string_view other_subtype) const noexcept;

    /// `*/json` or `*/*+json` (CloudEvents JSON format, section 3.1.1). A charset parameter says nothing
    /// about it: RFC 8259, section 11, defines none, and gives it no effect; a text that is not UTF-8 is
    /// refused as such.
    bool is_json() const noexcept;
    bool has_json_suffix() const noexcept; ///< +json (RFC 6839, section 3.1)

    /// Any event format of CloudEvents, known or not (HTTP binding, section 3: told by the prefix).
    bool is_cloud_events() const noexcept;
};

/// Nothing where the text or any of its parameters is malformed.
std::optional<media_type> parse_media_type(std::string_view text) noexcept;

} // namespace millrace::event

// One event, whatever form it came in: the attributes of CloudEvents 1.0.2 and its data, as views.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace millrace::event {

/// A context attribute other than the ones that `event` names.
struct attribute {
    std::string_view header; ///< "ce_" and the name: the form of the Kafka binding (section 3.2.3)
    std::string_view
        value; ///< UTF-8, the canonical string form of its type (CloudEvents, section "Type System")

    std::string_view name() const noexcept { return header.substr(3); }
};

/// Views only; who made the event says how long they live.
struct event {
    std::string_view id;
    std::string_view source;
    std::string_view type;
    std::string_view content_type;       ///< datacontenttype; empty where there is none
    std::string_view data;               ///< the bytes as sent; empty where there are none
    std::optional<std::string_view> key; ///< partition key
    bool id_from_client = false;         ///< false: the ingress made the id, no retry can carry it
    bool cloud_event = false;            ///< false: a plain event, or a record without CloudEvents headers
    std::span<const attribute> attributes;
};

} // namespace millrace::event

#include "form.hpp"

#include "http_binding.hpp"
#include "media_type.hpp"
#include "millrace/event/decoder.hpp"

namespace millrace::event {

std::optional<form> form_of(std::string_view content_type, std::span<const field> headers) noexcept {
    const auto type = parse_media_type(content_type);
    if (type && type->is_cloud_events()) {
        if (type->is("application", "cloudevents+json"))
            return form::structured;
        if (type->is("application", "cloudevents-batch+json"))
            return form::structured_batch;
        return std::nullopt;
    }
    if (has_ce_headers(headers))
        return form::binary;
    if (!type)
        return std::nullopt;
    if (type->is("application", "json") || type->has_json_suffix())
        return form::plain;
    if (type->is("application", "x-ndjson") || type->is("application", "jsonl"))
        return form::lines;
    return std::nullopt;
}

std::string problem_of_form(std::string_view content_type) {
    std::string detail = content_type.empty() ? "Content-Type is missing."
                         : !parse_media_type(content_type)
                             ? "Content-Type is malformed."
                             : "Events of this Content-Type are not understood.";
    detail += " Send one of: ";
    detail += accepted_media_types;
    detail += "; or any other with CloudEvents headers (ce-specversion, ce-id, ce-source, ce-type).";
    return detail;
}

} // namespace millrace::event

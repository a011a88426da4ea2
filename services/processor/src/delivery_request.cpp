#include "delivery_request.hpp"

#include "millrace/core/text.hpp"
#include "millrace/event/trace.hpp"

#include <algorithm>

namespace millrace::processor {
namespace {

bool is_visible(char c) {
    return c > 0x20 && c < 0x7f;
}

// RFC 9110, section 5.5, without what is neither ASCII nor needed in a media type.
bool is_header_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return is_visible(c) || c == ' ' || c == '\t'; });
}

std::string_view header_of(std::span<const field> headers, std::string_view name) {
    const auto found = std::ranges::find_if(headers, [&](const field& h) { return iequals(h.name, name); });
    return found == headers.end() ? std::string_view{} : found->value;
}

} // namespace

void append_attribute_value(std::string& to, std::string_view value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : value) {
        if (is_visible(c) && c != '"' && c != '%') {
            to += c;
            continue;
        }
        const auto octet = static_cast<unsigned char>(c);
        to += '%';
        to += digits[octet >> 4];
        to += digits[octet & 0xfU];
    }
}

std::optional<std::string> delivery_request::make(const delivery& d, unix_ms now) {
    headers_.clear();
    texts_used_ = 0;
    const event::event& e = *d.event;
    if (!is_header_value(e.content_type))
        return "The content type of the record has characters that no header can have.";
    if (!e.content_type.empty())
        headers_.push_back({"Content-Type", e.content_type});
    headers_.push_back({"ce-specversion", "1.0"});
    add_attribute("id", e.id);
    add_attribute("source", e.source);
    add_attribute("type", e.type);
    for (const event::attribute& a : e.attributes)
        add_attribute(a.name(), a.value);
    add_key(e);
    add_trace(d.headers);
    add_signature(e, now);
    for (const auto& [name, value] : fixed_)
        headers_.push_back({name, value});
    return std::nullopt;
}

std::string& delivery_request::text() {
    if (texts_used_ == texts_.size())
        texts_.emplace_back();
    std::string& out = texts_[texts_used_++];
    out.clear();
    return out;
}

void delivery_request::add_attribute(std::string_view name, std::string_view value) {
    std::string& header = text();
    header.append("ce-").append(name);
    std::string& encoded = text();
    append_attribute_value(encoded, value);
    headers_.push_back({header, encoded});
}

// What was given to the ingress as ?key= is the same thing as the attribute. A key that is no text is no
// attribute.
void delivery_request::add_key(const event::event& e) {
    const bool named =
        std::ranges::any_of(e.attributes, [](const auto& a) { return a.name() == "partitionkey"; });
    if (named || !e.key || e.key->empty() || !is_utf8(*e.key) ||
        std::ranges::any_of(*e.key, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        return;
    add_attribute("partitionkey", *e.key);
}

void delivery_request::add_trace(std::span<const field> of_record) {
    const std::string_view parent = header_of(of_record, "traceparent");
    if (!event::is_valid_traceparent(parent))
        return;
    headers_.push_back({"traceparent", parent});
    if (const std::string_view state = header_of(of_record, "tracestate"); event::is_valid_tracestate(state))
        headers_.push_back({"tracestate", state});
}

void delivery_request::add_signature(const event::event& e, unix_ms now) {
    std::string& id = text();
    id = webhook_id(e);
    std::string& timestamp = text();
    timestamp = std::to_string(now.value / 1'000);
    headers_.push_back({"webhook-id", id});
    headers_.push_back({"webhook-timestamp", timestamp});
    if (!signer_.signs())
        return;
    std::string& signature = text();
    signature = signer_.sign(id, timestamp, e.data);
    headers_.push_back({"webhook-signature", signature});
}

} // namespace millrace::processor

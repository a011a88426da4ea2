#include "json_format.hpp"

#include "base64.hpp"
#include "json_slices.hpp"
#include "media_type.hpp"
#include "millrace/core/text.hpp"

#include <cstdint>
#include <optional>

namespace millrace::event {
namespace {

// Section 2.2 maps Integer to a JSON number without fraction and exponent; the core specification bounds it
// to 32 bits. Its canonical form is the same text, but for the zero with a sign.
std::optional<std::string_view> integer_text(std::string_view number) noexcept {
    if (!parse_number<std::int32_t>(number))
        return std::nullopt;
    return number == "-0" ? number.substr(1) : number;
}

void read_attribute(std::string_view name, std::string_view value, event_builder& to, text_arena& arena) {
    const auto refuse = [&](std::string_view detail) { to.set_refused(name, detail); };
    const auto set = [&](std::string_view text) { to.set(arena.join("ce_", name), text); };

    switch (value.front()) {
    case '"':
        if (const auto text = text_of_json_string(value, arena))
            return set(*text);
        return refuse("The value escapes half of a surrogate pair, which no UTF-8 text can hold.");
    case 't':
    case 'f':
        return set(value);
    case 'n':
        return to.set_null(name);
    case '{':
    case '[':
        return refuse(
            "The value of an attribute is a string, a boolean or an integer; objects and arrays go in data.");
    default:
        if (const auto text = integer_text(value))
            return set(*text);
        return refuse("A number as an attribute is an integer of 32 bits, without fraction and exponent.");
    }
}

void read_text_data(std::string_view value, event_builder& to, text_arena& arena) {
    if (const auto text = text_of_json_string(value, arena))
        to.current().data = *text;
    else
        to.refuse("data", "The text escapes half of a surrogate pair, which no UTF-8 text can hold.");
}

void read_data(std::string_view value, event_builder& to, text_arena& arena) {
    event& e = to.current();
    if (e.content_type.empty()) // section 3.1.2: set explicitly when the event goes on in another form
        e.content_type = "application/json";
    const auto type = parse_media_type(e.content_type);
    if (value.front() == '"' && type && !type->is_json())
        read_text_data(value, to, arena);
    else
        e.data = value;
}

// Without a datacontenttype nothing is assumed about the octets (section 3.1.2).
void read_base64_data(std::string_view value, event_builder& to, text_arena& arena) {
    std::optional<std::string_view> octets;
    if (value.front() == '"') {
        if (const auto text = text_of_json_string(value, arena))
            octets = decode_base64(*text, arena);
    }
    if (octets)
        to.current().data = *octets;
    else
        to.refuse("data_base64", "The value must be a string of base64 with padding (RFC 4648, section 4).");
}

} // namespace

bool read_json_format(std::string_view object, event_builder& to, text_arena& arena) {
    if (!object.starts_with('{')) {
        to.refuse({}, "A CloudEvent is a JSON object; a batch holds nothing else.");
        return false;
    }

    std::string_view data;
    std::string_view base64;
    json_items members(object);
    for (std::string_view quoted_name, value; members.next_member(quoted_name, value);) {
        const auto name = text_of_json_string(quoted_name, arena);
        if (!name) {
            to.refuse({}, "The name of a member escapes half of a surrogate pair.");
        } else if (*name == "data" || *name == "data_base64") {
            std::string_view& member = *name == "data" ? data : base64;
            if (!member.empty())
                to.refuse(*name, "The member is given twice.");
            member = value;
        } else {
            read_attribute(*name, value, to, arena);
        }
    }
    to.finish_cloud_event();

    const bool has_base64 = !base64.empty() && base64 != "null"; // for data, null is a value (section 3.1.1)
    if (!data.empty() && has_base64)
        to.refuse("data_base64", "An event has data or data_base64, not both.");
    else if (!data.empty())
        read_data(data, to, arena);
    else if (has_base64)
        read_base64_data(base64, to, arena);
    return has_base64;
}

} // namespace millrace::event

#include "media_type.hpp"

#include "millrace/core/text.hpp"

namespace millrace::event {
namespace {

// RFC 9110, section 5.6.2.
bool is_token_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string_view take_token(std::string_view& text) noexcept {
    std::size_t size = 0;
    while (size < text.size() && is_token_character(text[size]))
        ++size;
    const std::string_view token = text.substr(0, size);
    text.remove_prefix(size);
    return token;
}

// RFC 9110, section 5.6.4, in printable ASCII: what is accepted here goes on as text. What it says does not
// matter, only where it ends.
bool skip_quoted_string(std::string_view& text) noexcept {
    for (std::size_t i = 1; i < text.size() && text[i] >= ' ' && text[i] <= '~'; ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return true;
        }
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\'))
            ++i;
    }
    return false;
}

// parameters = *( OWS ";" OWS [ parameter ] ), RFC 9110, section 5.6.6.
bool are_parameters(std::string_view text) noexcept {
    for (text = trim(text); !text.empty(); text = trim(text)) {
        if (text.front() != ';')
            return false;
        text = trim(text.substr(1));
        if (text.empty() || text.front() == ';')
            continue;
        if (take_token(text).empty() || !text.starts_with('='))
            return false;
        text.remove_prefix(1);
        const bool has_value = text.starts_with('"') ? skip_quoted_string(text) : !take_token(text).empty();
        if (!has_value)
            return false;
    }
    return true;
}

bool iends_with(std::string_view text, std::string_view end) noexcept {
    return text.size() >= end.size() && iequals(text.substr(text.size() - end.size()), end);
}

} // namespace

bool media_type::is(std::string_view other_type, std::string_view other_subtype) const noexcept {
    return iequals(type, other_type) && iequals(subtype, other_subtype);
}

bool media_type::has_json_suffix() const noexcept {
    return iends_with(subtype, "+json");
}

bool media_type::is_json() const noexcept {
    return iequals(subtype, "json") || has_json_suffix();
}

bool media_type::is_cloud_events() const noexcept {
    return iequals(type, "application") && iequals(subtype.substr(0, 11), "cloudevents");
}

std::optional<media_type> parse_media_type(std::string_view text) noexcept {
    if (text == "application/json") // as nearly all of them are
        return media_type{text.substr(0, 11), text.substr(12)};
    text = trim(text);
    media_type parsed;
    parsed.type = take_token(text);
    if (parsed.type.empty() || !text.starts_with('/'))
        return std::nullopt;
    text.remove_prefix(1);
    parsed.subtype = take_token(text);
    if (parsed.subtype.empty() || !are_parameters(text))
        return std::nullopt;
    return parsed;
}

} // namespace millrace::event

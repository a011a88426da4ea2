#include "json_slices.hpp"

#include <charconv>
#include <cstdint>

namespace millrace::event {
namespace {

bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::size_t end_of_container(std::string_view text, std::size_t at) noexcept {
    std::size_t depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            at = end_of_json_string(text, at);
            continue;
        }
        ++at;
        if (c == '{' || c == '[')
            ++depth;
        else if ((c == '}' || c == ']') && --depth == 0)
            return at;
    }
    return at;
}

std::size_t end_of_value(std::string_view text, std::size_t at) noexcept {
    if (at < text.size() && text[at] == '"')
        return end_of_json_string(text, at);
    if (at < text.size() && (text[at] == '{' || text[at] == '['))
        return end_of_container(text, at);
    while (at < text.size() && !is_space(text[at]) && text[at] != ',' && text[at] != '}' && text[at] != ']')
        ++at;
    return at;
}

std::uint32_t hex4(const char* digits) noexcept {
    std::uint32_t value = 0;
    std::from_chars(digits, digits + 4, value, 16);
    return value;
}

char* append_utf8(char* out, std::uint32_t c) noexcept {
    const auto put = [&](std::uint32_t octet) { *out++ = static_cast<char>(octet); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0 | c >> 6);
        put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        put(0xe0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    } else {
        put(0xf0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3f));
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    }
    return out;
}

char plain_escape(char c) noexcept {
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c; // '"', '\\', '/'
    }
}

} // namespace

std::size_t end_of_json_string(std::string_view text, std::size_t at) noexcept {
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            return at + 1;
    }
    return text.size();
}

std::string_view trim_json(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

json_items::json_items(std::string_view container) noexcept : text_(container) {}

void json_items::skip_space() noexcept {
    while (at_ < text_.size() && is_space(text_[at_]))
        ++at_;
}

bool json_items::at_end() noexcept {
    skip_space();
    if (at_ < text_.size() && text_[at_] == ',') {
        ++at_;
        skip_space();
    }
    return at_ >= text_.size() || text_[at_] == ']' || text_[at_] == '}';
}

bool json_items::next_element(std::string_view& value) noexcept {
    if (at_end())
        return false;
    const std::size_t end = end_of_value(text_, at_);
    value = text_.substr(at_, end - at_);
    at_ = end;
    return true;
}

bool json_items::next_member(std::string_view& name, std::string_view& value) noexcept {
    if (!next_element(name))
        return false;
    skip_space();
    ++at_; // the colon
    return next_element(value);
}

std::optional<std::string_view> text_of_json_string(std::string_view quoted, text_arena& arena) {
    const std::string_view text = quoted.substr(1, quoted.size() - 2);
    if (text.find('\\') == std::string_view::npos)
        return text;

    char* const begin = arena.reserve(text.size()); // no escape is shorter than what it stands for
    char* out = begin;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            *out++ = text[i];
            continue;
        }
        if (text[++i] != 'u') {
            *out++ = plain_escape(text[i]);
            continue;
        }
        std::uint32_t c = hex4(&text[i + 1]);
        i += 4;
        if (c >= 0xd800 && c < 0xe000) {
            const bool pair = c < 0xdc00 && text.substr(i + 1).starts_with("\\u");
            const std::uint32_t low = pair ? hex4(&text[i + 3]) : 0;
            if (low < 0xdc00 || low >= 0xe000)
                return std::nullopt;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 6;
        }
        out = append_utf8(out, c);
    }
    return std::string_view(begin, static_cast<std::size_t>(out - begin));
}

} // namespace millrace::event

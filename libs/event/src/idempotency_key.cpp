#include "millrace/event/idempotency_key.hpp"

#include "attribute_rules.hpp"
#include "millrace/core/text.hpp"

namespace millrace::event {
namespace {

// The string that `text` starts with, of which `text` keeps what follows.
std::optional<std::string_view> take_string(std::string_view& text, std::string& scratch) {
    const std::size_t plain_end = text.find_first_of("\"\\", 1);
    scratch.clear();
    for (std::size_t i = 1; i < text.size(); ++i) {
        char c = text[i];
        if (c == '"') {
            const std::string_view inner = i == plain_end ? text.substr(1, i - 1) : std::string_view(scratch);
            text.remove_prefix(i + 1);
            return inner;
        }
        if (c == '\\') {
            ++i;
            if (i == text.size() || (text[i] != '"' && text[i] != '\\'))
                return std::nullopt;
            c = text[i];
        }
        if (c < 0x20 || c > 0x7e)
            return std::nullopt;
        scratch += c;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string_view> idempotency_key_of(std::string_view value, std::string& scratch) {
    std::string_view rest = trim(value);
    std::optional<std::string_view> key = rest;
    if (rest.starts_with('"')) {
        key = take_string(rest, scratch);
        rest = trim(rest);
        if (!rest.empty() && rest.front() != ';') // parameters are allowed, and none is defined
            return std::nullopt;
    }
    if (!key || key->empty() || !problem_of_text(*key).empty())
        return std::nullopt;
    return key;
}

} // namespace millrace::event

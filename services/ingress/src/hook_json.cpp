#include "hook_json.hpp"

#include "millrace/core/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>

namespace millrace::ingress {
namespace {

constexpr std::string_view space = " \t\r\n";

std::size_t end_of_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\')
            ++at;
    return std::min(at + 1, text.size());
}

std::size_t end_of_container(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        at = c == '"' ? end_of_string(text, at) : at + 1;
        if (c == '{' || c == '[')
            ++depth;
        else if ((c == '}' || c == ']') && --depth == 0)
            break;
    }
    return at;
}

std::size_t end_of_value(std::string_view text, std::size_t at) {
    if (text[at] == '"')
        return end_of_string(text, at);
    if (text[at] == '{' || text[at] == '[')
        return end_of_container(text, at);
    return std::min(text.find_first_of(" \t\r\n,:]}", at), text.size());
}

/// The elements of an array; the names and values of an object, in turn.
class json_items {
  public:
    explicit json_items(std::string_view container) : text_(container) {}

    bool next(std::string_view& item) {
        at_ = std::min(text_.find_first_not_of(" \t\r\n,:", at_), text_.size());
        if (at_ == text_.size() || text_[at_] == ']' || text_[at_] == '}')
            return false;
        const std::size_t end = end_of_value(text_, at_);
        item = text_.substr(at_, end - at_);
        at_ = end;
        return true;
    }

  private:
    std::string_view text_;
    std::size_t at_ = 1; // after the bracket
};

/// Nothing where the string escapes half of a character, which JSON allows and UTF-8 does not.
std::optional<std::string> text_of(std::string_view quoted) {
    if (quoted.find('\\') == std::string_view::npos)
        return std::string(quoted.substr(1, quoted.size() - std::min<std::size_t>(2, quoted.size())));
    const auto parsed = nlohmann::json::parse(quoted, nullptr, /*allow_exceptions*/ false);
    return parsed.is_string() ? std::optional(parsed.get<std::string>()) : std::nullopt;
}

std::optional<std::string_view> member(std::string_view object, const std::string& token) {
    std::optional<std::string_view> found;
    json_items items(object);
    for (std::string_view name, value; items.next(name) && items.next(value);) {
        if (!name.starts_with('"') || text_of(name) != token)
            continue;
        if (found)
            return std::nullopt;
        found = value;
    }
    return found;
}

std::optional<std::string_view> element(std::string_view array, const std::string& token) {
    auto index = parse_number<std::size_t>(token);
    if (!index || (token.size() > 1 && token.starts_with('0'))) // RFC 6901, section 4
        return std::nullopt;
    json_items items(array);
    for (std::string_view value; items.next(value);)
        if ((*index)-- == 0)
            return value;
    return std::nullopt;
}

} // namespace

std::vector<std::string> pointer_tokens(std::string_view pointer) {
    std::vector<std::string> tokens;
    for (std::size_t i = 0; i < pointer.size(); ++i) {
        if (pointer[i] == '/')
            tokens.emplace_back();
        else if (pointer[i] == '~' && i + 1 < pointer.size())
            tokens.back() += pointer[++i] == '0' ? '~' : '/';
        else
            tokens.back() += pointer[i];
    }
    return tokens;
}

std::optional<std::string> json_text_at(std::string_view json, std::span<const std::string> tokens) {
    std::optional<std::string_view> here = json.substr(std::min(json.find_first_not_of(space), json.size()));
    for (const std::string& token : tokens) {
        if (here->starts_with('{'))
            here = member(*here, token);
        else if (here->starts_with('['))
            here = element(*here, token);
        else
            return std::nullopt;
        if (!here)
            return std::nullopt;
    }
    if (here->starts_with('"'))
        return text_of(*here);
    const bool number =
        !here->empty() && (here->front() == '-' || (here->front() >= '0' && here->front() <= '9'));
    return number ? std::optional(std::string(*here)) : std::nullopt;
}

} // namespace millrace::ingress

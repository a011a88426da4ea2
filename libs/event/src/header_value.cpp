#include "header_value.hpp"

#include "millrace/core/text.hpp"

namespace millrace::event {
namespace {

std::optional<std::string_view> unquote(std::string_view value, text_arena& arena) {
    char* const begin = arena.reserve(value.size());
    char* out = begin;
    bool quoted = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '"') {
            quoted = !quoted;
        } else {
            if (quoted && value[i] == '\\' && i + 1 < value.size())
                ++i;
            *out++ = value[i];
        }
    }
    if (quoted)
        return std::nullopt;
    return std::string_view(begin, static_cast<std::size_t>(out - begin));
}

} // namespace

std::optional<std::string_view> decode_header_value(std::string_view value, text_arena& arena) {
    if (value.find('"') != std::string_view::npos) {
        const auto unquoted = unquote(value, arena);
        if (!unquoted)
            return std::nullopt;
        value = *unquoted;
    }
    if (value.find('%') == std::string_view::npos)
        return value;
    const auto decoded = percent_decode(value);
    if (!decoded)
        return std::nullopt;
    return arena.copy(*decoded);
}

} // namespace millrace::event

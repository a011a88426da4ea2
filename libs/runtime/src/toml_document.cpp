// toml++ stops at the first mistake. A mistake that its line alone explains (it does not parse by itself, or
// it repeats a key) is noted and the line blanked out for another round; after any other the rest cannot be
// trusted.
#include "toml_document.hpp"

#include "millrace/core/text.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <optional>

namespace millrace::runtime {
namespace {

constexpr std::size_t max_syntax_errors = 20;

toml_table convert(const toml::table& from);

toml_value convert(const toml::node& from) {
    if (const auto* table = from.as_table())
        return {convert(*table)};
    if (const auto* array = from.as_array()) {
        toml_array out;
        for (const toml::node& element : *array)
            out.push_back(convert(element));
        return {std::move(out)};
    }
    if (const auto* text = from.as_string())
        return {text->get()};
    if (const auto* integer = from.as_integer())
        return {integer->get()};
    if (const auto* real = from.as_floating_point())
        return {real->get()};
    if (const auto* flag = from.as_boolean())
        return {flag->get()};
    return {};
}

toml_table convert(const toml::table& from) {
    toml_table out;
    for (const auto& [key, node] : from)
        out.push_back({std::string(key.str()), key.source().begin.line, convert(node)});
    std::stable_sort(out.begin(), out.end(),
                     [](const toml_entry& a, const toml_entry& b) { return a.line < b.line; });
    return out;
}

/// The octets of a line, without its end; `line` counts from 1.
struct line_range {
    std::size_t begin = 0;
    std::size_t size = 0;
};

std::optional<line_range> find_line(std::string_view text, std::size_t line) {
    std::size_t begin = 0;
    for (; line > 1; --line) {
        const auto end = text.find('\n', begin);
        if (end == std::string_view::npos)
            return std::nullopt;
        begin = end + 1;
    }
    const auto end = text.find('\n', begin);
    return line_range{begin, (end == std::string_view::npos ? text.size() : end) - begin};
}

bool is_header(std::string_view line) {
    return trim(line).starts_with('[');
}

/// Blanks out a line; with the header of a table also what is in it, which would fall to the table before.
void blank(std::string& text, std::size_t line) {
    auto range = find_line(text, line);
    const bool header = range && is_header(std::string_view(text).substr(range->begin, range->size));
    while (range) {
        std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(range->begin), range->size, ' ');
        range = find_line(text, ++line);
        if (!header || !range || is_header(std::string_view(text).substr(range->begin, range->size)))
            return;
    }
}

/// Fills `out`, or says what is wrong.
std::optional<toml_error> try_parse(std::string_view text, toml_table* out) {
    try {
        const toml::table parsed = toml::parse(text);
        if (out)
            *out = convert(parsed);
        return std::nullopt;
    } catch (const toml::parse_error& e) {
        return toml_error{e.source().begin.line, std::string(e.description())};
    }
}

bool confined(std::string_view text, const toml_error& e) {
    if (e.text.find("redefine") != std::string::npos)
        return true;
    const auto range = find_line(text, e.line);
    return range && try_parse(text.substr(range->begin, range->size), nullptr);
}

} // namespace

toml_document parse_toml(std::string_view given) {
    toml_document out;
    std::string text(given);
    while (const auto found = try_parse(text, &out.root)) {
        const bool stuck = !out.errors.empty() && out.errors.back().line >= found->line;
        if (stuck)
            break;
        out.errors.push_back(*found);
        if (out.errors.size() == max_syntax_errors || !confined(text, *found))
            break;
        blank(text, found->line);
    }
    return out;
}

std::string_view type_name(const toml_value& value) {
    constexpr std::string_view names[] = {"a date or time", "a string", "an integer", "a fraction",
                                          "true or false",  "an array", "a table"};
    return names[value.is.index()];
}

} // namespace millrace::runtime

#include "json_tree.hpp"

#include "json_slices.hpp"

#include <algorithm>

namespace millrace::event {
namespace {

constexpr std::string_view separators = " \t\r\n,:"; // where they stand says nothing that the rest does not

bool by_name(const json_member& a, const json_member& b) noexcept {
    return a.name.text() < b.name.text();
}

json_kind kind_of(std::string_view scalar) noexcept {
    switch (scalar.front()) {
    case 't':
    case 'f':
        return json_kind::boolean;
    case 'n':
        return json_kind::null;
    default:
        return json_kind::number;
    }
}

} // namespace

json_tree::json_tree(std::string_view text) {
    members_.reserve(text.size() / 32); // what usual events need
    elements_.reserve(text.size() / 64);
    unclosed_.reserve(32);
    open_.reserve(8);
    for (std::size_t at = 0; (at = text.find_first_not_of(separators, at)) != std::string_view::npos;) {
        const char c = text[at];
        if (c == '{' || c == '[') {
            open_.push_back({unclosed_.size(), c == '{', {}, false});
            ++at;
        } else if (c == '}' || c == ']') {
            if (open_.empty())
                break;
            add(close());
            ++at;
        } else if (c == '"') {
            const std::size_t end = end_of_json_string(text, at);
            const json_value value = read_string(text.substr(at, end - at));
            if (!open_.empty() && open_.back().is_object && !open_.back().has_name) {
                open_.back().name = value;
                open_.back().has_name = true;
            } else {
                add(value);
            }
            at = end;
        } else {
            const std::size_t end = std::min(text.find_first_of(" \t\r\n,:]}", at), text.size());
            const std::string_view scalar = text.substr(at, end - at);
            add({kind_of(scalar), scalar});
            at = end;
        }
    }
    open_ = {};
    unclosed_ = {};
}

void json_tree::add(const json_value& value) {
    if (open_.empty()) {
        root_ = value;
        return;
    }
    unclosed_.push_back({open_.back().name, value});
    open_.back().has_name = false;
}

json_value json_tree::read_string(std::string_view quoted) {
    const auto text = quoted.size() < 2 ? std::nullopt : text_of_json_string(quoted, arena_);
    return {json_kind::string, text ? *text : quoted.substr(1, std::max<std::size_t>(quoted.size(), 2) - 2)};
}

json_value json_tree::close() {
    const open_container closed = open_.back();
    const auto content = std::span(unclosed_).subspan(closed.first);
    json_value value(closed.is_object ? json_kind::object : json_kind::array, {});
    value.size_ = static_cast<std::uint32_t>(content.size());
    if (closed.is_object) {
        value.first_ = static_cast<std::uint32_t>(members_.size());
        std::ranges::sort(content, by_name);
        note_twice(content);
        members_.insert(members_.end(), content.begin(), content.end());
    } else {
        value.first_ = static_cast<std::uint32_t>(elements_.size());
        for (const json_member& element : content)
            elements_.push_back(element.value);
    }
    unclosed_.resize(closed.first);
    open_.pop_back();
    return value;
}

void json_tree::note_twice(std::span<const json_member> sorted) {
    for (std::size_t i = 1; i < sorted.size() && twice_.size() < max_twice; ++i) {
        if (sorted[i].name.text() != sorted[i - 1].name.text())
            continue;
        std::string& pointer = twice_.emplace_back();
        for (std::size_t level = 0; level + 1 < open_.size(); ++level) {
            const open_container& around = open_[level];
            if (around.is_object)
                append_to_pointer(pointer, around.name.text());
            else
                append_to_pointer(pointer, std::to_string(open_[level + 1].first - around.first));
        }
        append_to_pointer(pointer, sorted[i].name.text());
    }
}

std::span<const json_value> json_tree::elements(const json_value& array) const noexcept {
    return std::span(elements_).subspan(array.first_, array.size_);
}

std::span<const json_member> json_tree::members(const json_value& object) const noexcept {
    return std::span(members_).subspan(object.first_, object.size_);
}

const json_value* json_tree::find(const json_value& object, std::string_view name) const noexcept {
    const auto all = members(object);
    const auto found =
        std::ranges::lower_bound(all, name, {}, [](const json_member& m) { return m.name.text(); });
    return found != all.end() && found->name.text() == name ? &found->value : nullptr;
}

void append_to_pointer(std::string& pointer, std::string_view name) {
    pointer += '/';
    for (const char c : name) {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
}

} // namespace millrace::event

// The rules about a single value: what it is, how large, and whether it equals another.
#include "schema_failure.hpp"

#include <algorithm>
#include <array>

namespace millrace::event {
namespace {

constexpr std::array<std::string_view, 6> kind_names{"null",     "a boolean", "a number",
                                                     "a string", "an array",  "an object"};

std::string_view name_of(json_kind kind) noexcept {
    return kind_names[static_cast<std::size_t>(kind)];
}

std::string kinds_in_words(kind_set kinds) {
    std::string words;
    for (std::size_t i = 0; i <= kind_names.size(); ++i) {
        if ((kinds >> i & 1) != 0)
            words.append(words.empty() ? "" : " or ")
                .append(i < kind_names.size() ? kind_names[i] : "an integer");
    }
    return words;
}

// Of a schema, as far as it is short.
std::string in_words(const json_value& value) {
    const std::string text(value.text().substr(0, 64));
    switch (value.kind()) {
    case json_kind::string:
        return value.text().size() > 64 ? "a longer text" : '"' + text + '"';
    case json_kind::null:
    case json_kind::boolean:
    case json_kind::number:
        return value.kind() == json_kind::null ? "null" : text;
    default:
        return std::string(name_of(value.kind()));
    }
}

std::size_t characters(std::string_view utf8) noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

} // namespace

bool schema_evaluation::of_kind(kind_set kinds, const json_value& value, const place& at) {
    if ((kinds & bit_of(value.kind())) != 0)
        return true;
    if (value.kind() == json_kind::number && (kinds & integer_bit) != 0 &&
        json_number(value.text()).is_integer())
        return true;
    return fail(at, [&] {
        return "The value must be " + kinds_in_words(kinds) + "; it is " +
               std::string(name_of(value.kind())) + ".";
    });
}

bool schema_evaluation::one_of_values(const subschema& rules, const json_value& value, const place& at) {
    bool all = true;
    if (rules.constant != nullptr &&
        compare(tree_, value, model_.document, *rules.constant) != std::weak_ordering::equivalent &&
        !go_on(all, fail(at, [&] { return "The value must be " + in_words(*rules.constant) + "."; })))
        return false;
    if (rules.choices == nullptr)
        return all;
    const auto choices = model_.document.elements(*rules.choices);
    const bool found = std::ranges::any_of(choices, [&](const json_value& choice) {
        return compare(tree_, value, model_.document, choice) == std::weak_ordering::equivalent;
    });
    if (!found)
        go_on(all, fail(at, [&] {
                  constexpr std::size_t named = 10;
                  std::string detail = "The value must be one of";
                  for (std::size_t i = 0; i < std::min(choices.size(), named); ++i)
                      detail += (i == 0 ? " " : ", ") + in_words(choices[i]);
                  return detail + (choices.size() > named ? ", …" : ".");
              }));
    return all;
}

bool schema_evaluation::number(const number_rules& rules, const json_value& value, const place& at) {
    if (!rules.minimum && !rules.maximum && !rules.exclusive_minimum && !rules.exclusive_maximum &&
        !rules.multiple_of)
        return true;
    const json_number number(value.text());
    bool all = true;
    const auto hold = [&](const std::optional<number_bound>& bound, auto&& holds, std::string_view must) {
        if (!bound || holds(bound->limit))
            return go_on(all, true);
        return go_on(all, fail(at, [&] {
                         return "The value must be " + std::string(must) + " " + bound->text + ".";
                     }));
    };
    const long double x = number.value();
    (void)(hold(
               rules.minimum, [&](const json_number& y) { return x >= y.value(); }, "at least") &&
           hold(
               rules.maximum, [&](const json_number& y) { return x <= y.value(); }, "at most") &&
           hold(
               rules.exclusive_minimum, [&](const json_number& y) { return x > y.value(); }, "above") &&
           hold(
               rules.exclusive_maximum, [&](const json_number& y) { return x < y.value(); }, "below") &&
           hold(
               rules.multiple_of, [&](const json_number& y) { return number.is_multiple_of(y); },
               "a multiple of"));
    return all;
}

bool schema_evaluation::size_within(const size_range& range, std::size_t size, std::string_view unit,
                                    const place& at) {
    const auto say = [&](std::string_view bound, std::size_t limit) {
        return "At " + std::string(bound) + " " + std::to_string(limit) + " " + std::string(unit) +
               " are allowed; there are " + std::to_string(size) + ".";
    };
    if (range.least && size < *range.least)
        return fail(at, [&] { return say("least", *range.least); });
    if (range.most && size > *range.most)
        return fail(at, [&] { return say("most", *range.most); });
    return true;
}

bool schema_evaluation::string(const subschema& rules, const json_value& value, const place& at) {
    bool all = true;
    if (rules.length.any() &&
        !go_on(all, size_within(rules.length, characters(value.text()), "characters", at)))
        return false;
    if (rules.expression != nullptr && !matches(*rules.expression, value.text()) &&
        !go_on(all, fail(at, [&] {
                   return "The value must match the regular expression " +
                          rules.expression->source().substr(0, 200) + " .";
               })))
        return false;
    if (rules.format != nullptr && !rules.format->matches(value.text()))
        go_on(all, fail(at, [&] {
                  return "The value must have the format " + std::string(rules.format->name) + ".";
              }));
    return all;
}

// What RE2 does at worst is a step for each of its instructions and each character.
bool schema_evaluation::matches(const pattern& expression, std::string_view text) {
    constexpr std::size_t steps_a_unit = 4;
    return spend(1 + text.size() * expression.size() / steps_a_unit) && expression.found_in(text);
}

bool schema_evaluation::unique(const json_value& value, const place& at) {
    std::vector<const json_value*> sorted;
    sorted.reserve(value.size());
    for (const json_value& element : tree_.elements(value))
        sorted.push_back(&element);
    // By heap, which stays within its range whatever compare() says once the work is used up.
    const auto less = [&](const json_value* a, const json_value* b) {
        return compare(tree_, *a, tree_, *b) < 0;
    };
    std::ranges::make_heap(sorted, less);
    std::ranges::sort_heap(sorted, less);
    const auto twin = std::ranges::adjacent_find(sorted, [&](const json_value* a, const json_value* b) {
        return compare(tree_, *a, tree_, *b) == std::weak_ordering::equivalent;
    });
    if (twin == sorted.end() || exhausted_)
        return !exhausted_;
    return fail(at, [&] {
        const auto [first, second] = std::minmax({*twin, *(twin + 1)}); // neighbours in one array
        const json_value* const begin = tree_.elements(value).data();
        return "The elements must differ; those at " + std::to_string(first - begin) + " and " +
               std::to_string(second - begin) + " are equal.";
    });
}

// Some total order in which only equal values are equivalent: 1 and 1.0 are (core, section 4.2.3). Once the
// work is used up all are.
std::weak_ordering schema_evaluation::compare(const json_tree& a_tree, const json_value& a,
                                              const json_tree& b_tree, const json_value& b) {
    if (!spend(1 + (a.kind() == json_kind::string ? std::min(a.size(), b.size()) / 64 : 0)))
        return std::weak_ordering::equivalent;
    if (a.kind() != b.kind())
        return a.kind() <=> b.kind();
    switch (a.kind()) {
    case json_kind::null:
        return std::weak_ordering::equivalent;
    case json_kind::number: {
        const long double x = json_number(a.text()).value();
        const long double y = json_number(b.text()).value();
        return x < y   ? std::weak_ordering::less
               : x > y ? std::weak_ordering::greater
                       : std::weak_ordering::equivalent;
    }
    case json_kind::boolean:
    case json_kind::string:
        return a.text() <=> b.text();
    case json_kind::array:
        return std::lexicographical_compare_three_way(
            a_tree.elements(a).begin(), a_tree.elements(a).end(), b_tree.elements(b).begin(),
            b_tree.elements(b).end(),
            [&](const json_value& x, const json_value& y) { return compare(a_tree, x, b_tree, y); });
    case json_kind::object:
        break;
    }
    return std::lexicographical_compare_three_way(
        a_tree.members(a).begin(), a_tree.members(a).end(), b_tree.members(b).begin(),
        b_tree.members(b).end(), [&](const json_member& x, const json_member& y) {
            const std::weak_ordering by_name = x.name.text() <=> y.name.text();
            return by_name != 0 ? by_name : compare(a_tree, x.value, b_tree, y.value);
        });
}

} // namespace millrace::event

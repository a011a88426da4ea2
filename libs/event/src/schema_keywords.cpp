// What each keyword of JSON Schema, draft 7, says: validation specification, section 6 and 7.
#include "schema_compiler.hpp"

#include <algorithm>
#include <array>

namespace millrace::event {

bool schema_compiler::is(json_kind kind, const json_value& value, std::string_view must_be) {
    if (value.kind() == kind)
        return true;
    refuse("must be " + std::string(must_be));
    return false;
}

void schema_compiler::size(std::optional<std::size_t>& to, const json_value& value) {
    if (!is(json_kind::number, value, "a non-negative integer"))
        return;
    const json_number number(value.text());
    if (!number.is_integer() || number.value() < 0)
        return refuse("must be a non-negative integer");
    constexpr long double beyond_any_event = 1e18L;
    to = static_cast<std::size_t>(std::min(number.value(), beyond_any_event));
}

void schema_compiler::bound(std::optional<number_bound>& to, const json_value& value) {
    if (is(json_kind::number, value, "a number"))
        to = number_bound{json_number(value.text()), std::string(value.text().substr(0, 100))};
}

std::vector<subschema_id> schema_compiler::list(const json_value& value) {
    std::vector<subschema_id> ids;
    if (!is(json_kind::array, value, "a list of schemas"))
        return ids;
    if (value.size() == 0)
        refuse("must not be empty");
    for (const json_value& element : to_.document.elements(value))
        ids.push_back(later_below(element, std::to_string(ids.size())));
    return ids;
}

std::vector<std::string> schema_compiler::names(const json_value& value) {
    std::vector<std::string> all;
    if (!is(json_kind::array, value, "a list of names"))
        return all;
    for (const json_value& name : to_.document.elements(value)) {
        if (is(json_kind::string, name, "a list of names"))
            all.emplace_back(name.text());
    }
    return all;
}

const pattern* schema_compiler::compiled(std::string_view ecma, std::string_view below) {
    const auto known =
        std::ranges::find_if(to_.expressions, [&](const auto& each) { return each->source() == ecma; });
    if (known != to_.expressions.end())
        return known->get();
    std::string problem;
    auto made = pattern::compile(ecma, problem);
    if (!made) {
        refuse(below, "the regular expression cannot be used: " + problem);
        return nullptr;
    }
    return to_.expressions.emplace_back(std::move(made)).get();
}

void schema_compiler::type(subschema& to, const json_value& value) {
    constexpr std::array<std::pair<std::string_view, kind_set>, 7> types{{
        {"null", bit_of(json_kind::null)},
        {"boolean", bit_of(json_kind::boolean)},
        {"number", bit_of(json_kind::number)},
        {"string", bit_of(json_kind::string)},
        {"array", bit_of(json_kind::array)},
        {"object", bit_of(json_kind::object)},
        {"integer", integer_bit},
    }};
    to.kinds = 0;
    const auto one = std::span(&value, 1);
    for (const json_value& name : value.kind() == json_kind::array ? to_.document.elements(value) : one) {
        const auto known =
            std::ranges::find(types, name.kind() == json_kind::string ? name.text() : std::string_view(),
                              [](const auto& each) { return each.first; });
        if (known == types.end())
            return refuse("must be of array, boolean, integer, null, number, object, string");
        to.kinds |= known->second;
    }
    if (to.kinds == 0)
        refuse("must not be empty");
}

void schema_compiler::constant(subschema& to, const json_value& value) {
    to.constant = &value;
}

void schema_compiler::choices(subschema& to, const json_value& value) {
    if (!is(json_kind::array, value, "a list of values"))
        return;
    if (value.size() == 0)
        refuse("must not be empty");
    to.choices = &value;
}

void schema_compiler::multiple_of(subschema& to, const json_value& value) {
    bound(to.numbers.multiple_of, value);
    if (to.numbers.multiple_of && !(to.numbers.multiple_of->limit.value() > 0))
        refuse("must be above 0");
}

void schema_compiler::maximum(subschema& to, const json_value& value) {
    bound(to.numbers.maximum, value);
}

void schema_compiler::minimum(subschema& to, const json_value& value) {
    bound(to.numbers.minimum, value);
}

void schema_compiler::exclusive_maximum(subschema& to, const json_value& value) {
    bound(to.numbers.exclusive_maximum, value);
}

void schema_compiler::exclusive_minimum(subschema& to, const json_value& value) {
    bound(to.numbers.exclusive_minimum, value);
}

void schema_compiler::max_length(subschema& to, const json_value& value) {
    size(to.length.most, value);
}

void schema_compiler::min_length(subschema& to, const json_value& value) {
    size(to.length.least, value);
}

void schema_compiler::expression(subschema& to, const json_value& value) {
    if (is(json_kind::string, value, "a regular expression"))
        to.expression = compiled(value.text(), {});
}

void schema_compiler::format(subschema& to, const json_value& value) {
    if (!is(json_kind::string, value, "the name of a format"))
        return;
    to.format = find_format(value.text());
    if (to.format == nullptr)
        refuse("unknown format " + std::string(value.text().substr(0, 100)));
}

void schema_compiler::items(subschema& to, const json_value& value) {
    if (value.kind() != json_kind::array) {
        to.arrays.rest = later(value);
        return;
    }
    for (const json_value& element : to_.document.elements(value))
        to.arrays.first.push_back(later_below(element, std::to_string(to.arrays.first.size())));
    if (const json_value* const rest = to_.document.find(*current_, "additionalItems"); rest != nullptr) {
        const std::string here = pointer_;
        pointer_.resize(pointer_.size() - std::string_view("/items").size());
        to.arrays.rest = later_below(*rest, "additionalItems");
        pointer_ = here;
    }
}

void schema_compiler::contains(subschema& to, const json_value& value) {
    to.arrays.contains = later(value);
}

void schema_compiler::max_items(subschema& to, const json_value& value) {
    size(to.arrays.size.most, value);
}

void schema_compiler::min_items(subschema& to, const json_value& value) {
    size(to.arrays.size.least, value);
}

void schema_compiler::unique_items(subschema& to, const json_value& value) {
    if (is(json_kind::boolean, value, "true or false"))
        to.arrays.unique = value.text() == "true";
}

void schema_compiler::max_properties(subschema& to, const json_value& value) {
    size(to.objects.size.most, value);
}

void schema_compiler::min_properties(subschema& to, const json_value& value) {
    size(to.objects.size.least, value);
}

void schema_compiler::required(subschema& to, const json_value& value) {
    to.objects.required = names(value);
}

void schema_compiler::properties(subschema& to, const json_value& value) {
    if (!is(json_kind::object, value, "an object of schemas"))
        return;
    for (const json_member& member : to_.document.members(value)) // sorted, and so the list is
        to.objects.properties.emplace_back(member.name.text(), later_below(member.value, member.name.text()));
}

void schema_compiler::pattern_properties(subschema& to, const json_value& value) {
    if (!is(json_kind::object, value, "an object of schemas"))
        return;
    for (const json_member& member : to_.document.members(value)) {
        if (const pattern* const expression = compiled(member.name.text(), member.name.text()))
            to.objects.patterns.emplace_back(expression, later_below(member.value, member.name.text()));
    }
}

void schema_compiler::additional_properties(subschema& to, const json_value& value) {
    to.objects.additional = later(value);
}

void schema_compiler::property_names(subschema& to, const json_value& value) {
    to.objects.names = later(value);
}

void schema_compiler::dependencies(subschema& to, const json_value& value) {
    if (!is(json_kind::object, value, "an object of schemas and lists of names"))
        return;
    for (const json_member& member : to_.document.members(value)) {
        dependency& made = to.objects.dependencies.emplace_back();
        made.member = member.name.text();
        if (member.value.kind() == json_kind::array)
            made.required = names(member.value);
        else
            made.matching = later_below(member.value, member.name.text());
    }
}

// Compiled although nothing may refer to them: what is wrong in them is wrong.
void schema_compiler::definitions(subschema&, const json_value& value) {
    if (!is(json_kind::object, value, "an object of schemas"))
        return;
    for (const json_member& member : to_.document.members(value))
        (void)later_below(member.value, member.name.text());
}

void schema_compiler::all_of(subschema& to, const json_value& value) {
    to.others.all = list(value);
}

void schema_compiler::any_of(subschema& to, const json_value& value) {
    to.others.any = list(value);
}

void schema_compiler::one_of(subschema& to, const json_value& value) {
    to.others.one = list(value);
}

void schema_compiler::never(subschema& to, const json_value& value) {
    to.others.never = later(value);
}

void schema_compiler::condition(subschema& to, const json_value& value) {
    to.others.condition = later(value);
}

void schema_compiler::then(subschema& to, const json_value& value) {
    to.others.if_so = later(value);
}

void schema_compiler::otherwise(subschema& to, const json_value& value) {
    to.others.if_not = later(value);
}

} // namespace millrace::event

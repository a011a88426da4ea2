// The rules that apply one schema to another place, or several to one. Those about a single value are in
// schema_value_rules.cpp.
#include "schema_evaluation.hpp"

#include "schema_failure.hpp"

#include <algorithm>

namespace millrace::event {
namespace {

// Of work, one for each schema held against a value or two values compared. Any usual schema needs a few for
// each value; this is for the unusual, and for the event that was made for it.
constexpr std::size_t least_budget = 200'000;
constexpr std::size_t budget_a_byte = 8;
constexpr std::size_t max_nesting = 4096; // of schemas, one applied by another: the stack's bound

} // namespace

schema_evaluation::schema_evaluation(const schema_model& model, std::string_view json, std::size_t most)
    : model_(model), most_(most), tree_(json), budget_(least_budget + budget_a_byte * json.size()) {}

std::vector<violation> schema_evaluation::run() {
    for (const std::string& pointer : tree_.twice()) {
        if (found_.size() < most_)
            found_.push_back({pointer.size() <= max_pointer_bytes ? pointer : std::string(),
                              "The name is given twice in its object; readers differ about which of the "
                              "values counts."});
    }
    if (most_ == 0)
        return {};
    const bool matched = apply(subschema_id{0}, tree_.root(), place{});
    if (exhausted_ || (!matched && found_.empty())) {
        if (found_.size() == most_)
            found_.pop_back();
        found_.push_back(
            {{}, "The data cannot be held against its schema with a reasonable amount of work."});
    }
    return std::move(found_);
}

bool schema_evaluation::go_on(bool& all, bool one) const noexcept {
    all = all && one;
    return !exhausted_ && (all || (reporting_ == reporting::on && found_.size() < most_));
}

bool schema_evaluation::spend(std::size_t units) noexcept {
    exhausted_ = exhausted_ || units > budget_;
    budget_ -= exhausted_ ? 0 : units;
    return !exhausted_;
}

bool schema_evaluation::apply(subschema_id id, const json_value& value, const place& at) {
    if (!spend(1))
        return false;
    if (depth_ == max_nesting) {
        exhausted_ = true;
        return false;
    }
    const subschema& rules = model_.at(id);
    if (rules.nothing)
        return fail(at, [] { return "Nothing is allowed here."; });
    ++depth_;
    const bool matched = rules.reference != subschema_id::none ? apply(rules.reference, value, at)
                                                               : apply_rules(rules, value, at);
    --depth_;
    return matched;
}

bool schema_evaluation::apply_rules(const subschema& rules, const json_value& value, const place& at) {
    bool all = true;
    if (!go_on(all, of_kind(rules.kinds, value, at)) || !go_on(all, one_of_values(rules, value, at)))
        return false;
    bool own = true;
    switch (value.kind()) {
    case json_kind::number:
        own = number(rules.numbers, value, at);
        break;
    case json_kind::string:
        own = string(rules, value, at);
        break;
    case json_kind::array:
        own = array(rules.arrays, value, at);
        break;
    case json_kind::object:
        own = object(rules.objects, value, at);
        break;
    default:
        break;
    }
    if (go_on(all, own))
        go_on(all, combined(rules.others, value, at));
    return all;
}

bool schema_evaluation::quietly(subschema_id id, const json_value& value, const place& at) {
    const reporting before = std::exchange(reporting_, reporting::off);
    const bool matched = apply(id, value, at);
    reporting_ = before;
    return matched;
}

bool schema_evaluation::combined(const combinations& others, const json_value& value, const place& at) {
    bool all = true;
    for (const subschema_id each : others.all) {
        if (!go_on(all, apply(each, value, at)))
            return false;
    }
    if (!go_on(all, any_or_one(others, value, at)))
        return false;
    if (others.never != subschema_id::none && quietly(others.never, value, at) &&
        !go_on(all, fail(at, [] { return "The value matches the schema that it must not match."; })))
        return false;
    if (others.condition != subschema_id::none) {
        const subschema_id then = quietly(others.condition, value, at) ? others.if_so : others.if_not;
        if (then != subschema_id::none)
            go_on(all, apply(then, value, at));
    }
    return all;
}

bool schema_evaluation::any_or_one(const combinations& others, const json_value& value, const place& at) {
    bool all = true;
    if (others.any.size() == 1) { // then it can say why not
        if (!go_on(all, apply(others.any.front(), value, at)))
            return false;
    } else if (!others.any.empty()) {
        const bool any = std::ranges::any_of(others.any, [&](auto each) { return quietly(each, value, at); });
        if (!any && !go_on(all, fail(at, [&] {
                               return "The value matches none of the " + std::to_string(others.any.size()) +
                                      " alternatives of anyOf.";
                           })))
            return false;
    }
    if (!others.one.empty()) {
        const auto count =
            std::ranges::count_if(others.one, [&](auto each) { return quietly(each, value, at); });
        if (count != 1)
            go_on(all, fail(at, [&] {
                      return "The value must match exactly one of the " + std::to_string(others.one.size()) +
                             " alternatives of oneOf; it matches " + std::to_string(count) + ".";
                  }));
    }
    return all;
}

bool schema_evaluation::array(const array_rules& rules, const json_value& value, const place& at) {
    bool all = true;
    if (!go_on(all, size_within(rules.size, value.size(), "elements", at)) ||
        !go_on(all, items(rules, value, at)))
        return false;
    if (rules.contains != subschema_id::none) {
        const bool any = std::ranges::any_of(tree_.elements(value), [&](const json_value& element) {
            return !exhausted_ && quietly(rules.contains, element, at);
        });
        if (!any && !go_on(all, fail(at, [] { return "None of the elements is as one of them must be."; })))
            return false;
    }
    if (rules.unique)
        go_on(all, unique(value, at));
    return all;
}

bool schema_evaluation::items(const array_rules& rules, const json_value& value, const place& at) {
    if (rules.first.empty() && rules.rest == subschema_id::none)
        return true;
    bool all = true;
    std::size_t index = 0;
    for (const json_value& element : tree_.elements(value)) {
        const subschema_id id = index < rules.first.size() ? rules.first[index] : rules.rest;
        if (id == subschema_id::none)
            break;
        if (!go_on(all, apply(id, element, place{&at, {}, index, false})))
            return false;
        ++index;
    }
    return all;
}

bool schema_evaluation::object(const object_rules& rules, const json_value& value, const place& at) {
    bool all = true;
    if (!go_on(all, size_within(rules.size, value.size(), "members", at)) ||
        !go_on(all, require(rules.required, value, at)) || !go_on(all, members(rules, value, at)) ||
        !go_on(all, names(rules, value, at)))
        return false;
    go_on(all, dependencies(rules, value, at));
    return all;
}

bool schema_evaluation::members(const object_rules& rules, const json_value& value, const place& at) {
    if (rules.properties.empty() && rules.patterns.empty() && rules.additional == subschema_id::none)
        return true;
    bool all = true;
    for (const json_member& each : tree_.members(value)) {
        if (!go_on(all, member(rules, each, place{&at, each.name.text(), 0, true})))
            return false;
    }
    return all;
}

bool schema_evaluation::member(const object_rules& rules, const json_member& member, const place& at) {
    const std::string_view name = member.name.text();
    bool all = true;
    bool known = false;
    const auto property = std::ranges::lower_bound(
        rules.properties, name, {}, [](const auto& each) { return std::string_view(each.first); });
    if (property != rules.properties.end() && property->first == name) {
        known = true;
        if (!go_on(all, apply(property->second, member.value, at)))
            return false;
    }
    for (const auto& [expression, id] : rules.patterns) {
        if (!matches(*expression, name))
            continue;
        known = true;
        if (!go_on(all, apply(id, member.value, at)))
            return false;
    }
    if (known || rules.additional == subschema_id::none)
        return all && !exhausted_;
    if (model_.at(rules.additional).nothing)
        return fail(at, [] { return "No member of this name is known to the schema."; });
    return apply(rules.additional, member.value, at);
}

bool schema_evaluation::names(const object_rules& rules, const json_value& value, const place& at) {
    bool all = true;
    if (rules.names == subschema_id::none)
        return all;
    for (const json_member& each : tree_.members(value)) {
        const place here{&at, each.name.text(), 0, true};
        if (!quietly(rules.names, each.name, here) &&
            !go_on(all,
                   fail(here, [] { return "The name of this member is not one that the schema allows."; })))
            return false;
    }
    return all;
}

bool schema_evaluation::dependencies(const object_rules& rules, const json_value& value, const place& at) {
    bool all = true;
    for (const dependency& each : rules.dependencies) {
        if (tree_.find(value, each.member) == nullptr)
            continue;
        const bool matched = each.matching == subschema_id::none ? require(each.required, value, at)
                                                                 : apply(each.matching, value, at);
        if (!go_on(all, matched))
            return false;
    }
    return all;
}

bool schema_evaluation::require(std::span<const std::string> names, const json_value& object,
                                const place& at) {
    bool all = true;
    for (const std::string& name : names) {
        if (tree_.find(object, name) == nullptr &&
            !go_on(all, fail(place{&at, name, 0, true}, [] { return "The member is required."; })))
            return false;
    }
    return all;
}

} // namespace millrace::event

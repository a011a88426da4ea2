// Builds the model of one schema; lives as long as that takes.
#pragma once

#include "schema_model.hpp"

#include <ranges>
#include <unordered_map>

namespace millrace::event {

class schema_compiler {
  public:
    explicit schema_compiler(schema_model& to) : to_(to) {}

    /// All that is wrong, up to a number, each with its pointer; empty: the model is whole.
    std::string run();

    // One a keyword: its value into the subschema that it is a keyword of. See schema_keywords.cpp.
    void additional_properties(subschema& to, const json_value& value);
    void all_of(subschema& to, const json_value& value);
    void any_of(subschema& to, const json_value& value);
    void choices(subschema& to, const json_value& value);
    void condition(subschema& to, const json_value& value);
    void constant(subschema& to, const json_value& value);
    void contains(subschema& to, const json_value& value);
    void definitions(subschema& to, const json_value& value);
    void dependencies(subschema& to, const json_value& value);
    void exclusive_maximum(subschema& to, const json_value& value);
    void exclusive_minimum(subschema& to, const json_value& value);
    void expression(subschema& to, const json_value& value);
    void format(subschema& to, const json_value& value);
    void items(subschema& to, const json_value& value);
    void max_items(subschema& to, const json_value& value);
    void max_length(subschema& to, const json_value& value);
    void max_properties(subschema& to, const json_value& value);
    void maximum(subschema& to, const json_value& value);
    void min_items(subschema& to, const json_value& value);
    void min_length(subschema& to, const json_value& value);
    void min_properties(subschema& to, const json_value& value);
    void minimum(subschema& to, const json_value& value);
    void multiple_of(subschema& to, const json_value& value);
    void never(subschema& to, const json_value& value);
    void one_of(subschema& to, const json_value& value);
    void otherwise(subschema& to, const json_value& value);
    void pattern_properties(subschema& to, const json_value& value);
    void properties(subschema& to, const json_value& value);
    void property_names(subschema& to, const json_value& value);
    void required(subschema& to, const json_value& value);
    void then(subschema& to, const json_value& value);
    void type(subschema& to, const json_value& value);
    void unique_items(subschema& to, const json_value& value);

  private:
    static constexpr std::size_t max_problems = 10;

    struct pending {
        const json_value* value;
        std::string pointer;
    };

    void read_root(const json_value& root);
    subschema compile(const json_value& from);
    void take_keyword(subschema& to, const json_member& member);
    void reference(subschema& to, const json_value& from, const json_value& target);
    const json_value* resolve(std::string_view pointer) const;
    void refuse_circles();
    static std::vector<subschema_id> applied_in_place(const subschema& from);

    /// The id of the schema in that value, to be compiled in its turn: not now, for schemas may refer to one
    /// another in circles and in long chains. Its pointer: given, or the current keyword's, or one below
    /// that.
    subschema_id later_at(const json_value& schema, std::string pointer);
    subschema_id later(const json_value& schema);
    subschema_id later_below(const json_value& schema, std::string_view name);

    std::vector<subschema_id> list(const json_value& value);
    std::vector<std::string> names(const json_value& value);
    void size(std::optional<std::size_t>& to, const json_value& value);
    void bound(std::optional<number_bound>& to, const json_value& value);
    const pattern* compiled(std::string_view ecma, std::string_view below);
    bool is(json_kind kind, const json_value& value, std::string_view must_be);

    void refuse(std::string_view keyword, std::string_view why);
    void refuse(std::string_view why);

    schema_model& to_;
    std::string_view root_id_;
    std::string pointer_; // of the schema or keyword at hand
    const json_value* current_ = nullptr;
    std::vector<pending> waiting_; // by id
    std::unordered_map<const json_value*, subschema_id> ids_;
    std::vector<std::string> problems_;
};

} // namespace millrace::event

// Holds one JSON text against the model of a schema. Its work is bounded by the size of the text.
#pragma once

#include "millrace/event/schema.hpp"
#include "schema_model.hpp"

#include <compare>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::event {

class schema_evaluation {
  public:
    schema_evaluation(const schema_model& model, std::string_view json, std::size_t most);

    std::vector<violation> run();

  private:
    /// A step from a value to one in it; on the stack of whoever takes it.
    struct place {
        const place* outer = nullptr;
        std::string_view name; ///< of a member
        std::size_t index = 0; ///< of an element
        bool is_member = false;
    };
    enum class reporting { off, on };

    bool apply(subschema_id id, const json_value& value, const place& at);
    bool apply_rules(const subschema& rules, const json_value& value, const place& at);
    bool of_kind(kind_set kinds, const json_value& value, const place& at);
    bool one_of_values(const subschema& rules, const json_value& value, const place& at);
    bool number(const number_rules& rules, const json_value& value, const place& at);
    bool string(const subschema& rules, const json_value& value, const place& at);
    bool array(const array_rules& rules, const json_value& value, const place& at);
    bool items(const array_rules& rules, const json_value& value, const place& at);
    bool unique(const json_value& value, const place& at);
    bool object(const object_rules& rules, const json_value& value, const place& at);
    bool members(const object_rules& rules, const json_value& value, const place& at);
    bool member(const object_rules& rules, const json_member& member, const place& at);
    bool names(const object_rules& rules, const json_value& value, const place& at);
    bool dependencies(const object_rules& rules, const json_value& value, const place& at);
    bool size_within(const size_range& range, std::size_t size, std::string_view unit, const place& at);
    bool require(std::span<const std::string> names, const json_value& object, const place& at);
    bool combined(const combinations& others, const json_value& value, const place& at);
    bool any_or_one(const combinations& others, const json_value& value, const place& at);

    /// Whether it matches, without a word about why not.
    bool quietly(subschema_id id, const json_value& value, const place& at);
    bool matches(const pattern& expression, std::string_view text);
    std::weak_ordering compare(const json_tree& a_tree, const json_value& a, const json_tree& b_tree,
                               const json_value& b);

    /// Takes note of one rule's outcome; whether there is any use in going on to the next.
    bool go_on(bool& all, bool one) const noexcept;
    bool spend(std::size_t units) noexcept;
    template <class Say>
    bool fail(const place& at, Say&& say);

    const schema_model& model_;
    const std::size_t most_;
    json_tree tree_;
    std::vector<violation> found_;
    std::size_t budget_;
    std::size_t depth_ = 0;
    reporting reporting_ = reporting::on;
    bool exhausted_ = false;
};

} // namespace millrace::event

// A JSON Schema as it is evaluated: every subschema once, others named by their place in the list.
#pragma once

#include "formats.hpp"
#include "json_number.hpp"
#include "json_tree.hpp"
#include "pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::event {

enum class subschema_id : std::uint32_t { none = 0xffff'ffff };

/// Bits by json_kind, and one more for what is a number without a fraction.
using kind_set = std::uint8_t;
constexpr kind_set integer_bit = 0x40;
constexpr kind_set every_kind = 0x3f;
constexpr kind_set bit_of(json_kind kind) noexcept {
    return static_cast<kind_set>(1U << static_cast<unsigned>(kind));
}

struct size_range {
    std::optional<std::size_t> least;
    std::optional<std::size_t> most;
    bool any() const noexcept { return least || most; }
};

struct number_bound {
    json_number limit;
    std::string text; ///< as the schema spells it
};

struct number_rules {
    std::optional<number_bound> minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
};

/// What a member asks for in its object.
struct dependency {
    std::string member;
    std::vector<std::string> required;
    subschema_id matching = subschema_id::none;
};

struct object_rules {
    size_range size;
    std::vector<std::string> required;
    std::vector<std::pair<std::string, subschema_id>> properties; ///< by name
    std::vector<std::pair<const pattern*, subschema_id>> patterns;
    std::vector<dependency> dependencies;
    subschema_id additional = subschema_id::none;
    subschema_id names = subschema_id::none;
};

struct array_rules {
    size_range size;
    std::vector<subschema_id> first; ///< `items` as a list
    subschema_id rest = subschema_id::none;
    subschema_id contains = subschema_id::none;
    bool unique = false;
};

struct combinations {
    std::vector<subschema_id> all, any, one;
    subschema_id never = subschema_id::none;
    subschema_id condition = subschema_id::none;
    subschema_id if_so = subschema_id::none;
    subschema_id if_not = subschema_id::none;
};

struct subschema {
    bool nothing = false; ///< the schema `false`
    subschema_id reference = subschema_id::none;
    kind_set kinds = every_kind;
    const json_value* constant = nullptr; ///< of schema_model::document, as are
    const json_value* choices = nullptr;  ///< the elements of this array
    number_rules numbers;
    size_range length;
    const pattern* expression = nullptr;
    const string_format* format = nullptr;
    array_rules arrays;
    object_rules objects;
    combinations others;
};

struct schema_model {
    explicit schema_model(std::string_view source) : text(source), document(text) {}
    schema_model(const schema_model&) = delete;
    schema_model& operator=(const schema_model&) = delete;

    std::string text;
    json_tree document;
    std::vector<std::unique_ptr<const pattern>> expressions;
    std::vector<subschema> subschemas; ///< the first is the whole

    const subschema& at(subschema_id id) const noexcept { return subschemas[static_cast<std::size_t>(id)]; }
};

/// Null where the text is not a schema that can be held against events as it is meant; `problem` says why.
std::unique_ptr<const schema_model> compile_schema(std::string_view text, std::string& problem);

} // namespace millrace::event

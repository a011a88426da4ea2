// From the text of a JSON Schema (draft 7) to its model. Whatever is not understood is a problem: a keyword
// that is passed over lets through what its author meant to stop.
#include "schema_compiler.hpp"

#include "millrace/core/text.hpp"
#include "millrace/event/json.hpp"

#include <algorithm>
#include <array>

namespace millrace::event {
namespace {

constexpr std::size_t max_schema_bytes = 1024 * 1024;
constexpr std::size_t max_depth = 64;
constexpr std::size_t max_subschemas = 10'000;

using compiler = schema_compiler;

struct keyword {
    std::string_view name;
    void (compiler::*take)(subschema& to, const json_value& value);
};

// Those of the validation specification and of the core, draft 7. What says nothing about whether an event
// matches (titles and the like) is passed over.
constexpr std::array keywords{
    keyword{"$comment", nullptr},
    keyword{"$id", nullptr},
    keyword{"$schema", nullptr},
    keyword{"additionalItems", nullptr}, // with items
    keyword{"additionalProperties", &compiler::additional_properties},
    keyword{"allOf", &compiler::all_of},
    keyword{"anyOf", &compiler::any_of},
    keyword{"const", &compiler::constant},
    keyword{"contains", &compiler::contains},
    keyword{"default", nullptr},
    keyword{"definitions", &compiler::definitions},
    keyword{"dependencies", &compiler::dependencies},
    keyword{"description", nullptr},
    keyword{"else", &compiler::otherwise},
    keyword{"enum", &compiler::choices},
    keyword{"examples", nullptr},
    keyword{"exclusiveMaximum", &compiler::exclusive_maximum},
    keyword{"exclusiveMinimum", &compiler::exclusive_minimum},
    keyword{"format", &compiler::format},
    keyword{"if", &compiler::condition},
    keyword{"items", &compiler::items},
    keyword{"maxItems", &compiler::max_items},
    keyword{"maxLength", &compiler::max_length},
    keyword{"maxProperties", &compiler::max_properties},
    keyword{"maximum", &compiler::maximum},
    keyword{"minItems", &compiler::min_items},
    keyword{"minLength", &compiler::min_length},
    keyword{"minProperties", &compiler::min_properties},
    keyword{"minimum", &compiler::minimum},
    keyword{"multipleOf", &compiler::multiple_of},
    keyword{"not", &compiler::never},
    keyword{"oneOf", &compiler::one_of},
    keyword{"pattern", &compiler::expression},
    keyword{"patternProperties", &compiler::pattern_properties},
    keyword{"properties", &compiler::properties},
    keyword{"propertyNames", &compiler::property_names},
    keyword{"readOnly", nullptr},
    keyword{"required", &compiler::required},
    keyword{"then", &compiler::then},
    keyword{"title", nullptr},
    keyword{"type", &compiler::type},
    keyword{"uniqueItems", &compiler::unique_items},
    keyword{"writeOnly", nullptr},
};

bool is_dialect(std::string_view uri) noexcept {
    for (const std::string_view prefix :
         {"http://json-schema.org/draft-", "https://json-schema.org/draft-"}) {
        if (!uri.starts_with(prefix))
            continue;
        const std::string_view draft = uri.substr(prefix.size());
        return draft == "07/schema" || draft == "07/schema#" || draft == "06/schema" || draft == "06/schema#";
    }
    return false;
}

} // namespace

std::unique_ptr<const schema_model> compile_schema(std::string_view text, std::string& problem) {
    problem.clear();
    if (text.size() > max_schema_bytes) {
        problem = "a schema has at most " + std::to_string(max_schema_bytes) + " bytes";
        return nullptr;
    }
    if (json_checker check(max_depth); !check.check(text)) {
        problem = "not acceptable JSON: " + check.error().detail;
        return nullptr;
    }
    auto model = std::make_unique<schema_model>(text);
    for (const std::string& twice : model->document.twice())
        problem += (problem.empty() ? "" : "; ") + twice + ": given twice";
    if (!problem.empty())
        return nullptr;
    problem = schema_compiler(*model).run();
    if (!problem.empty())
        return nullptr;
    return model;
}

std::string schema_compiler::run() {
    read_root(to_.document.root());
    (void)later_at(to_.document.root(), {});
    for (std::size_t next = 0; next < waiting_.size() && problems_.size() < max_problems; ++next) {
        const pending& subject = waiting_[next];
        pointer_ = subject.pointer;
        subschema made = compile(*subject.value);
        to_.subschemas.push_back(std::move(made));
    }
    if (problems_.empty())
        refuse_circles();
    std::string all;
    for (const std::string& each : problems_)
        all += (all.empty() ? "" : "; ") + each;
    return all;
}

void schema_compiler::read_root(const json_value& root) {
    if (root.kind() != json_kind::object)
        return;
    if (const json_value* const dialect = to_.document.find(root, "$schema");
        dialect != nullptr && !is_dialect(dialect->text()))
        refuse("$schema", "only draft-07 (http://json-schema.org/draft-07/schema#) is understood");
    if (const json_value* const id = to_.document.find(root, "$id"); id != nullptr)
        root_id_ = id->text().substr(0, id->text().find('#'));
}

subschema schema_compiler::compile(const json_value& from) {
    subschema made;
    if (from.kind() == json_kind::boolean) {
        made.nothing = from.text() == "false";
        return made;
    }
    if (from.kind() != json_kind::object) {
        refuse({}, "a schema is an object, true or false");
        return made;
    }
    if (const json_value* const target = to_.document.find(from, "$ref"); target != nullptr) {
        reference(made, from, *target);
        return made;
    }
    current_ = &from;
    for (const json_member& member : to_.document.members(from))
        take_keyword(made, member);
    return made;
}

void schema_compiler::take_keyword(subschema& to, const json_member& member) {
    const std::string_view name = member.name.text();
    const auto known = std::ranges::find(keywords, name, &keyword::name);
    if (known == keywords.end()) {
        const std::string_view meant = nearest(name, keywords | std::views::transform(&keyword::name));
        return refuse(name,
                      "unknown keyword" + (meant.empty() ? "" : ", " + std::string(meant) + " is known"));
    }
    if ((name == "$id" || name == "$schema") && current_ != &to_.document.root())
        return refuse(name, "only understood at the root of the schema");
    if (known->take == nullptr)
        return;
    const std::size_t size = pointer_.size();
    append_to_pointer(pointer_, name);
    (this->*known->take)(to, member.value);
    pointer_.resize(size);
}

// In draft 7 everything beside a $ref is passed over (core, section 8.3): where that would be a rule, its
// author meant otherwise.
void schema_compiler::reference(subschema& to, const json_value& from, const json_value& target) {
    constexpr std::array harmless{"$ref",    "$comment", "$schema",     "$id",      "title",    "description",
                                  "default", "examples", "definitions", "readOnly", "writeOnly"};
    for (const json_member& member : to_.document.members(from)) {
        if (std::ranges::find(harmless, member.name.text()) == harmless.end())
            refuse(member.name.text(), "has no effect beside $ref; put both in an allOf");
    }
    if (target.kind() != json_kind::string)
        return refuse("$ref", "must be a string");
    std::string_view uri = target.text();
    const std::size_t hash = std::min(uri.find('#'), uri.size());
    if (const std::string_view document = uri.substr(0, hash); !document.empty() && document != root_id_)
        return refuse("$ref", "refers to another document, " + std::string(document.substr(0, 200)) +
                                  "; nothing is fetched");
    uri.remove_prefix(std::min(hash + 1, uri.size()));
    const auto fragment = percent_decode(uri);
    if (!fragment || (!fragment->empty() && fragment->front() != '/'))
        return refuse("$ref", "only JSON pointers, such as #/definitions/name, are understood");
    const json_value* const found = resolve(*fragment);
    if (found == nullptr)
        return refuse("$ref", "refers to nothing");
    to.reference = later_at(*found, *fragment);
}

const json_value* schema_compiler::resolve(std::string_view pointer) const {
    const json_value* at = &to_.document.root();
    while (!pointer.empty() && at != nullptr) {
        const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
        std::string token;
        for (std::size_t i = 1; i < end; ++i) { // RFC 6901, section 4
            const bool escape = pointer[i] == '~' && i + 1 < end;
            token += !escape ? pointer[i] : pointer[++i] == '1' ? '/' : '~';
        }
        pointer.remove_prefix(end);
        if (at->kind() == json_kind::object) {
            at = to_.document.find(*at, token);
        } else if (at->kind() == json_kind::array) {
            const auto index = parse_number<std::size_t>(token);
            at = index && *index < at->size() ? &to_.document.elements(*at)[*index] : nullptr;
        } else {
            at = nullptr;
        }
    }
    return at;
}

subschema_id schema_compiler::later_at(const json_value& schema, std::string pointer) {
    const auto [known, added] =
        ids_.try_emplace(&schema, static_cast<subschema_id>(static_cast<std::uint32_t>(waiting_.size())));
    if (added) {
        waiting_.push_back({&schema, std::move(pointer)});
        if (waiting_.size() == max_subschemas + 1)
            refuse({}, "more than " + std::to_string(max_subschemas) + " schemas in one");
    }
    return known->second;
}

subschema_id schema_compiler::later(const json_value& schema) {
    return later_at(schema, pointer_);
}

subschema_id schema_compiler::later_below(const json_value& schema, std::string_view name) {
    std::string pointer = pointer_;
    append_to_pointer(pointer, name);
    return later_at(schema, std::move(pointer));
}

void schema_compiler::refuse(std::string_view keyword, std::string_view why) {
    if (problems_.size() >= max_problems)
        return;
    std::string at = pointer_;
    if (!keyword.empty())
        append_to_pointer(at, keyword.substr(0, 200));
    problems_.push_back((at.empty() ? "the schema" : at) + ": " + std::string(why));
}

void schema_compiler::refuse(std::string_view why) {
    refuse({}, why);
}

// A schema that applies itself to the same value would never end. Iterative, for the chain may be long.
void schema_compiler::refuse_circles() {
    enum class state : std::uint8_t { unseen, open, done };
    struct step {
        std::size_t id;
        std::vector<subschema_id> next;
    };
    std::vector<state> states(to_.subschemas.size(), state::unseen);
    for (std::size_t root = 0; root < states.size(); ++root) {
        if (states[root] != state::unseen)
            continue;
        states[root] = state::open;
        std::vector<step> path{{root, applied_in_place(to_.subschemas[root])}};
        while (!path.empty()) {
            if (path.back().next.empty()) {
                states[path.back().id] = state::done;
                path.pop_back();
                continue;
            }
            const auto next = static_cast<std::size_t>(path.back().next.back());
            path.back().next.pop_back();
            if (states[next] == state::open) {
                pointer_ = waiting_[next].pointer;
                return refuse("applies itself to the same value, without end");
            }
            if (states[next] == state::unseen) {
                states[next] = state::open;
                path.push_back({next, applied_in_place(to_.subschemas[next])});
            }
        }
    }
}

std::vector<subschema_id> schema_compiler::applied_in_place(const subschema& from) {
    std::vector<subschema_id> all;
    for (const auto* const list : {&from.others.all, &from.others.any, &from.others.one})
        all.insert(all.end(), list->begin(), list->end());
    for (const dependency& each : from.objects.dependencies)
        all.push_back(each.matching);
    for (const subschema_id each :
         {from.reference, from.others.never, from.others.condition, from.others.if_so, from.others.if_not})
        all.push_back(each);
    std::erase(all, subschema_id::none);
    return all;
}

} // namespace millrace::event

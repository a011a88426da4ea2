// From variables to values: MILLRACE_HTTP_LISTEN is http.listen, MILLRACE_TOPICS_EVENTS_PARTITIONS is
// topics.events.partitions, MILLRACE_KAFKA_PROPERTIES_SASL_USERNAME is "sasl.username" of kafka.properties.
#include "config_read.hpp"

#include "millrace/core/text.hpp"

#include <algorithm>
#include <utility>

namespace millrace::runtime {
namespace {

/// What is left after `head` and an underscore; nothing where it does not start so.
std::optional<std::string_view> after(std::string_view text, std::string_view head) {
    if (text.size() <= head.size() + 1 || !text.starts_with(head) || text[head.size()] != '_')
        return std::nullopt;
    return text.substr(head.size() + 1);
}

std::string lower_case(std::string_view capitals, char underscore) {
    std::string out;
    for (const char c : capitals)
        out += c == '_' ? underscore : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

std::vector<std::string> split_list(std::string_view value) {
    std::vector<std::string> out;
    while (!trim(value).empty()) {
        const auto comma = value.find(',');
        out.emplace_back(trim(value.substr(0, comma)));
        value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
    }
    return out;
}

/// The names below a table as they follow its own in a variable, leaves only.
void leaves(const config_node& node, const std::string& above, std::vector<std::string>& out) {
    for (const auto& c : node.children) {
        const std::string name = above + environment_form(c->name);
        if (const auto* text = std::get_if<text_node>(&c->kind); text && text->rule.secret)
            out.push_back(name + "_FILE");
        if (const auto* tables = std::get_if<tables_node>(&c->kind)) {
            leaves(*c, name + "_", out);
            leaves(*tables->sample, name + "_NAME_", out);
        } else if (std::holds_alternative<table_node>(c->kind)) {
            leaves(*c, name + "_", out);
        } else {
            out.push_back(std::holds_alternative<map_node>(c->kind) ? name + "_NAME" : name);
        }
    }
}

/// A key that a variable names.
struct found_key {
    config_node* node = nullptr;
    std::string_view entry; ///< of a map, still in capitals
    bool from_file = false;
};

found_key find(config_node& table, std::string_view name);

/// A table that is there, else one made in lower case: "ORDERS_PARTITIONS" makes "orders".
found_key find_in_tables(config_node& node, std::string_view name) {
    for (const auto& c : node.children) {
        if (const auto rest = after(name, environment_form(c->name))) {
            if (const found_key found = find(*c, *rest); found.node)
                return found;
        }
    }
    const auto& tables = std::get<tables_node>(node.kind);
    std::vector<std::string> suffixes;
    leaves(*tables.sample, "", suffixes);
    std::string_view best;
    for (const std::string& suffix : suffixes) {
        const bool fits = name.size() > suffix.size() + 1 && name.ends_with(suffix) &&
                          name[name.size() - suffix.size() - 1] == '_';
        if (fits && suffix.size() > best.size())
            best = suffix;
    }
    if (best.empty())
        return {};
    const std::string made = lower_case(name.substr(0, name.size() - best.size() - 1), '_');
    if (tables.rule.name && tables.rule.name(made))
        return {};
    return find(node.make_table(made), name.substr(name.size() - best.size()));
}

found_key find(config_node& table, std::string_view name) {
    for (const auto& c : table.children) {
        const std::string own = environment_form(c->name);
        const auto rest = after(name, own);
        found_key found;
        if (std::holds_alternative<table_node>(c->kind)) {
            if (rest)
                found = find(*c, *rest);
        } else if (std::holds_alternative<tables_node>(c->kind)) {
            if (rest)
                found = find_in_tables(*c, *rest);
        } else if (std::holds_alternative<map_node>(c->kind)) {
            if (rest)
                found = {c.get(), *rest};
        } else if (name == own) {
            found = {c.get(), {}};
        } else if (const auto* text = std::get_if<text_node>(&c->kind);
                   text && text->rule.secret && name == own + "_FILE") {
            found = {c.get(), {}, true};
        }
        if (found.node)
            return found;
    }
    return {};
}

std::optional<std::string> assign_flag(flag_node& to, std::string_view value) {
    if (value != "true" && value != "false")
        return toml_quoted(value) + " is not true or false";
    *to.target = value == "true";
    return std::nullopt;
}

std::optional<std::string> assign_text(const found_key& key, std::string_view value) {
    config_node& node = *key.node;
    if (!is_utf8(value))
        return "is not UTF-8";
    if (auto* text = std::get_if<text_node>(&node.kind))
        return key.from_file ? assign_from_file(*text, std::string(value)) : assign(*text, value);
    if (auto* flag = std::get_if<flag_node>(&node.kind))
        return assign_flag(*flag, value);
    if (auto* list = std::get_if<list_node>(&node.kind))
        return assign(*list, split_list(value));
    if (auto* map = std::get_if<map_node>(&node.kind))
        return assign(*map, lower_case(key.entry, map->rule.underscore), value);
    auto& number = std::get<number_node>(node.kind);
    const auto parsed = parse_number<std::int64_t>(value);
    return parsed ? assign(number, *parsed) : toml_quoted(value) + " is not a whole number";
}

void apply(config_node& root, std::string_view variable, std::string_view prefix, std::string_view value,
           config_report& report) {
    const found_key key = find(root, variable.substr(prefix.size()));
    if (!key.node) {
        std::string text = "environment variable " + std::string(variable) + " names no setting";
        const auto names = variable_names(root, prefix);
        if (const auto near = nearest(variable, names); !near.empty())
            text += "; did you mean " + std::string(near) + "?";
        report.warnings.push_back(std::move(text));
        return;
    }
    const config_origin origin{0, std::string(variable)};
    const auto* const map = std::get_if<map_node>(&key.node->kind);
    const std::string entry = lower_case(key.entry, map == nullptr ? '.' : map->rule.underscore);
    config_origin& kept = entry.empty() ? key.node->origin : key.node->entry_origins[entry];
    if (entry.empty() && !kept.variable.empty())
        return report.error(origin, {}, "give either this or " + kept.variable);
    if (const auto wrong = assign_text(key, value))
        return report.error(origin, entry.empty() ? key.node->path : key.node->path + "." + entry, *wrong);
    kept = origin;
}

} // namespace

std::vector<std::string> variable_names(const config_node& root, std::string_view prefix) {
    std::vector<std::string> out;
    leaves(root, std::string(prefix), out);
    return out;
}

void apply_environment(config_node& root, const char* const* variables, std::string_view prefix,
                       config_report& report) {
    std::vector<std::pair<std::string_view, std::string_view>> ours;
    for (; variables && *variables; ++variables) {
        const std::string_view text = *variables;
        const auto equals = text.find('=');
        if (text.starts_with(prefix) && equals != std::string_view::npos)
            ours.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    std::sort(ours.begin(), ours.end());
    for (const auto& [variable, value] : ours)
        apply(root, variable, prefix, value, report);
}

} // namespace millrace::runtime

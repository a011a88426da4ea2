// The tree as text: the values in effect as TOML, and what documentation says about each key.
#include "config_print.hpp"

#include <algorithm>

namespace millrace::runtime {
namespace {

constexpr std::string_view mask_text = "********";

bool bare(std::string_view key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
}

std::string toml_key(std::string_view key) {
    return bare(key) ? std::string(key) : toml_quoted(key);
}

std::string toml_list(const std::vector<std::string>& elements, bool masked) {
    std::string out = "[";
    for (const std::string& element : elements)
        out += (out.size() > 1 ? ", " : "") + toml_quoted(masked ? mask_text : std::string_view(element));
    return out + "]";
}

void print_map(const map_node& map, std::string& out) {
    for (const auto& [name, value] : *map.target) {
        const bool hidden = map.rule.secret && map.rule.secret(name) && !value.empty();
        out += toml_key(name) + " = " + toml_quoted(hidden ? mask_text : std::string_view(value)) + "\n";
    }
}

bool is_leaf(const config_node& node) {
    return !node.children.empty() ? false
                                  : !std::holds_alternative<table_node>(node.kind) &&
                                        !std::holds_alternative<tables_node>(node.kind) &&
                                        !std::holds_alternative<map_node>(node.kind);
}

void print_table(const config_node& node, const std::string& header, std::string& out) {
    std::string own;
    for (const auto& c : node.children) {
        if (!is_leaf(*c))
            continue;
        const auto* text = std::get_if<text_node>(&c->kind);
        if (text && !text->file.empty())
            own += c->name + "_file = " + toml_quoted(text->file) + "\n";
        else
            own += c->name + " = " + toml_value_of(*c, true) + "\n";
    }
    if (const auto* map = std::get_if<map_node>(&node.kind))
        print_map(*map, own);
    if (!own.empty()) {
        if (!header.empty())
            out += (out.empty() ? "[" : "\n[") + header + "]\n";
        out += own;
    }
    for (const auto& c : node.children) {
        if (!is_leaf(*c))
            print_table(*c, header.empty() ? toml_key(c->name) : header + "." + toml_key(c->name), out);
    }
}

struct leaf_facts {
    std::string type;
    std::string unit;
    std::string doc;
    bool secret = false;
};

leaf_facts facts_of(const config_node& node) {
    if (const auto* text = std::get_if<text_node>(&node.kind))
        return {"text", "", text->rule.doc, text->rule.secret};
    if (const auto* number = std::get_if<number_node>(&node.kind))
        return {"number", number->rule.unit, number->rule.doc};
    if (const auto* flag = std::get_if<flag_node>(&node.kind))
        return {"flag", "", flag->doc};
    if (const auto* list = std::get_if<list_node>(&node.kind))
        return {"list of text", "", list->rule.doc, list->rule.secret};
    return {"table of text", "", std::get<map_node>(node.kind).rule.doc};
}

void describe_table(const config_node& table, const std::string& variable,
                    std::vector<key_description>& out) {
    std::vector<const config_node*> below;
    for (const auto& c : table.children) {
        const std::string name = variable + environment_form(c->name);
        if (std::holds_alternative<table_node>(c->kind) || std::holds_alternative<tables_node>(c->kind)) {
            below.push_back(c.get());
            continue;
        }
        const bool map = std::holds_alternative<map_node>(c->kind);
        leaf_facts facts = facts_of(*c);
        out.push_back({c->path, table.doc, facts.type, toml_value_of(*c, true), allowed_values(*c),
                       facts.unit, map ? name + "_NAME" : name, facts.doc, facts.secret});
    }
    for (const config_node* c : below) {
        const std::string name = variable + environment_form(c->name) + "_";
        if (const auto* tables = std::get_if<tables_node>(&c->kind))
            describe_table(*tables->sample, name + "NAME_", out);
        else
            describe_table(*c, name, out);
    }
}

} // namespace

std::string toml_value_of(const config_node& node, bool masked) {
    if (const auto* text = std::get_if<text_node>(&node.kind))
        return toml_quoted(masked && text->rule.secret && !text->target->empty()
                               ? mask_text
                               : std::string_view(*text->target));
    if (const auto* number = std::get_if<number_node>(&node.kind))
        return std::to_string(*number->target);
    if (const auto* flag = std::get_if<flag_node>(&node.kind))
        return *flag->target ? "true" : "false";
    if (const auto* list = std::get_if<list_node>(&node.kind))
        return toml_list(*list->target, masked && list->rule.secret);
    return "{}";
}

std::string print_toml(const config_node& root) {
    std::string out;
    print_table(root, "", out);
    return out;
}

std::vector<key_description> describe_keys(const config_node& root, std::string_view prefix) {
    std::vector<key_description> out;
    describe_table(root, std::string(prefix), out);
    return out;
}

} // namespace millrace::runtime

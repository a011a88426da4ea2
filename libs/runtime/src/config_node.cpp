// Declaring keys and giving them values: the rules of one key.
#include "config_node.hpp"

#include "millrace/core/text.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace millrace::runtime {
namespace {

std::string quoted_list(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0)
            out += i + 1 == words.size() ? " or " : ", ";
        out += words[i];
    }
    return out;
}

config_node& add(config_node& to, std::string name) {
    if (to.child(name))
        throw std::logic_error("declared twice: " + to.path + "." + name);
    to.children.push_back(to.make_child(std::move(name)));
    return *to.children.back();
}

} // namespace

config_node* config_node::child(std::string_view child_name) const {
    for (const auto& c : children) {
        if (c->name == child_name)
            return c.get();
    }
    return nullptr;
}

std::unique_ptr<config_node> config_node::make_child(std::string child_name) const {
    auto node = std::make_unique<config_node>();
    node->path = path.empty() ? child_name : path + "." + child_name;
    node->name = std::move(child_name);
    return node;
}

config_node& config_node::make_table(const std::string& user_name) {
    if (config_node* known = child(user_name))
        return *known;
    config_node& made = add(*this, user_name);
    made.doc = doc;
    std::get<tables_node>(kind).make(user_name, config_section(made));
    return made;
}

void config_section::text(std::string name, std::string& target, text_rule rule) {
    add(*node_, std::move(name)).kind = text_node{std::move(rule), &target, {}};
}

void config_section::number(std::string name, std::uint64_t& target, number_rule rule) {
    add(*node_, std::move(name)).kind = number_node{std::move(rule), &target};
}

void config_section::flag(std::string name, bool& target, std::string doc) {
    add(*node_, std::move(name)).kind = flag_node{std::move(doc), &target};
}

void config_section::list(std::string name, std::vector<std::string>& target, list_rule rule) {
    add(*node_, std::move(name)).kind = list_node{std::move(rule), &target};
}

void config_section::strings(std::string name, std::map<std::string, std::string>& target, map_rule rule) {
    config_node& node = add(*node_, std::move(name));
    node.doc = rule.doc;
    node.kind = map_node{std::move(rule), &target};
}

config_section config_section::section(std::string name, std::string doc) {
    config_node& node = add(*node_, std::move(name));
    node.doc = std::move(doc);
    return config_section(node);
}

config_section config_section::add_tables(std::string name, table_rule rule,
                                          std::shared_ptr<void> sample_value,
                                          std::function<void(const std::string&, config_section)> make) {
    config_node& node = add(*node_, std::move(name));
    node.doc = rule.doc;
    auto sample = node.make_child("NAME");
    sample->doc = rule.doc;
    config_node& declared = *sample;
    node.kind = tables_node{std::move(rule), std::move(sample_value), std::move(sample), std::move(make)};
    return config_section(declared);
}

std::optional<std::string> assign(text_node& to, std::string_view value) {
    const auto& words = to.rule.one_of;
    if (!words.empty() && std::find(words.begin(), words.end(), value) == words.end()) {
        std::string problem = toml_quoted(value) + " is not " + quoted_list(words);
        if (const auto near = nearest(value, words); !near.empty())
            problem += "; did you mean " + toml_quoted(near) + "?";
        return problem;
    }
    if (to.rule.check) {
        if (const auto wrong = to.rule.check(value))
            return to.rule.secret ? *wrong : toml_quoted(value) + " " + *wrong;
    }
    *to.target = value;
    to.file.clear();
    return std::nullopt;
}

std::optional<std::string> assign(number_node& to, std::int64_t value) {
    const number_rule& rule = to.rule;
    if (value < 0 || static_cast<std::uint64_t>(value) < rule.min ||
        static_cast<std::uint64_t>(value) > rule.max) {
        std::string problem = std::to_string(value) + " is out of range: " + std::to_string(rule.min) +
                              " to " + std::to_string(rule.max);
        return rule.unit.empty() ? problem : problem + " " + rule.unit;
    }
    *to.target = static_cast<std::uint64_t>(value);
    return std::nullopt;
}

std::optional<std::string> assign(list_node& to, std::vector<std::string> value) {
    if (value.size() < to.rule.min_elements)
        return "needs at least " + std::to_string(to.rule.min_elements) +
               (to.rule.min_elements == 1 ? " element" : " elements");
    for (auto at = value.begin(); at != value.end(); ++at) {
        const std::string shown =
            to.rule.secret ? "element " + std::to_string(at - value.begin() + 1) : toml_quoted(*at);
        if (std::find(value.begin(), at, *at) != at)
            return "has " + shown + " twice";
        if (const auto wrong = to.rule.check ? to.rule.check(*at) : std::nullopt)
            return shown + " " + *wrong;
    }
    *to.target = std::move(value);
    return std::nullopt;
}

std::optional<std::string> assign(map_node& to, std::string_view name, std::string_view value) {
    if (auto wrong = to.rule.check ? to.rule.check(name, value) : std::nullopt)
        return wrong;
    (*to.target)[std::string(name)] = value;
    return std::nullopt;
}

std::optional<std::string> read_whole(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    if (!in.is_open() || in.peek() == std::ifstream::traits_type::eof())
        return in.is_open() && !in.bad() ? std::optional<std::string>(std::string()) : std::nullopt;
    out << in.rdbuf();
    return in.bad() || out.bad() ? std::nullopt : std::optional<std::string>(out.str());
}

std::optional<std::string> assign_from_file(text_node& to, const std::string& file) {
    auto content = read_whole(file);
    if (!content)
        return "cannot read " + toml_quoted(file);
    std::string value = std::move(*content);
    if (value.ends_with('\n'))
        value.pop_back();
    if (value.ends_with('\r'))
        value.pop_back();
    if (!is_utf8(value))
        return toml_quoted(file) + " does not hold UTF-8";
    if (auto wrong = assign(to, value))
        return "in " + toml_quoted(file) + ": " + *wrong;
    to.file = file;
    return std::nullopt;
}

std::string toml_quoted(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    std::string out; // TOML's basic strings are JSON's, but for DEL
    for (const char c : json) {
        if (c == 0x7f)
            out += "\\u007F";
        else
            out += c;
    }
    return out;
}

std::string allowed_values(const config_node& node) {
    if (const auto* number = std::get_if<number_node>(&node.kind))
        return std::to_string(number->rule.min) + " to " + std::to_string(number->rule.max);
    if (const auto* text = std::get_if<text_node>(&node.kind))
        return quoted_list(text->rule.one_of);
    return {};
}

std::string environment_form(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c >= 'a' && c <= 'z')
            out += static_cast<char>(c - 'a' + 'A');
        else
            out += (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    }
    return out;
}

void config_report::error(const config_origin& where, std::string_view path, std::string_view text) {
    errors.push_back(
        {where, path.empty() ? std::string(text) : std::string(path) + ": " + std::string(text)});
}

} // namespace millrace::runtime

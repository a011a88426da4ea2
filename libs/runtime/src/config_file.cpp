// From the values of a file to the variables: wrong types, unknown keys, broken rules.
#include "config_read.hpp"

#include "millrace/core/text.hpp"

#include <algorithm>

namespace millrace::runtime {
namespace {

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};

/// The secret whose KEY_file this key is.
config_node* secret_of_file(const config_node& table, std::string_view key) {
    constexpr std::string_view suffix = "_file";
    if (!key.ends_with(suffix))
        return nullptr;
    config_node* node = table.child(key.substr(0, key.size() - suffix.size()));
    const auto* text = node ? std::get_if<text_node>(&node->kind) : nullptr;
    return text && text->rule.secret ? node : nullptr;
}

void collect(const config_node& node, std::string_view leaf, std::vector<std::string>& found) {
    for (const auto& c : node.children) {
        if (c->name == leaf)
            found.push_back(c->path);
        collect(*c, leaf, found);
    }
    if (const auto* tables = std::get_if<tables_node>(&node.kind))
        collect(*tables->sample, leaf, found);
}

class file_reader {
  public:
    file_reader(const config_node& root, config_report& report) : root_(root), report_(report) {}

    void read_table(config_node& node, const toml_table& table) {
        for (const toml_entry& entry : table) {
            if (config_node* file_of = secret_of_file(node, entry.key); file_of && !node.child(entry.key))
                read_secret_file(*file_of, entry, table);
            else if (config_node* known = node.child(entry.key))
                read_node(*known, entry);
            else
                unknown(node, entry);
        }
    }

  private:
    void read_node(config_node& node, const toml_entry& entry) {
        std::visit(overloaded{
                       [&](table_node&) { as_table(node, entry, &file_reader::read_table); },
                       [&](tables_node&) { as_table(node, entry, &file_reader::read_tables); },
                       [&](map_node&) { as_table(node, entry, &file_reader::read_map); },
                       [&](text_node& n) {
                           if (const auto* v = expect<std::string>(node, entry, "a string"))
                               settle(node, entry, assign(n, *v));
                       },
                       [&](number_node& n) {
                           if (const auto* v = expect<std::int64_t>(node, entry, "an integer"))
                               settle(node, entry, assign(n, *v));
                       },
                       [&](flag_node& n) {
                           if (const auto* v = expect<bool>(node, entry, "true or false")) {
                               *n.target = *v;
                               settle(node, entry, std::nullopt);
                           }
                       },
                       [&](list_node& n) { read_list(node, n, entry); },
                   },
                   node.kind);
    }

    void as_table(config_node& node, const toml_entry& entry,
                  void (file_reader::*read)(config_node&, const toml_table&)) {
        if (const auto* table = expect<toml_table>(node, entry, "a table")) {
            node.origin.line = entry.line;
            (this->*read)(node, *table);
        }
    }

    void read_tables(config_node& node, const toml_table& table) {
        const auto& rule = std::get<tables_node>(node.kind).rule;
        for (const toml_entry& entry : table) {
            if (const auto wrong = rule.name ? rule.name(entry.key) : std::nullopt) {
                report_.error({entry.line, {}}, node.path, toml_quoted(entry.key) + " " + *wrong);
                continue;
            }
            if (!std::holds_alternative<toml_table>(entry.value.is)) {
                wrong_type(node.path + "." + entry.key, entry, "a table");
                continue;
            }
            read_node(node.make_table(entry.key), entry);
        }
    }

    void read_map(config_node& node, const toml_table& table) { read_map_below(node, "", table); }

    /// A name with dots may be written without quotes: TOML then makes tables of it.
    void read_map_below(config_node& node, const std::string& above, const toml_table& table) {
        for (const toml_entry& entry : table) {
            const std::string name = above + entry.key;
            const std::string path = node.path + "." + name;
            std::optional<std::string> value;
            if (const auto* deeper = std::get_if<toml_table>(&entry.value.is))
                read_map_below(node, name + ".", *deeper);
            else if (const auto* text = std::get_if<std::string>(&entry.value.is))
                value = *text;
            else if (const auto* integer = std::get_if<std::int64_t>(&entry.value.is))
                value = std::to_string(*integer);
            else if (const auto* flag = std::get_if<bool>(&entry.value.is))
                value = *flag ? "true" : "false";
            else
                wrong_type(path, entry, "a string");
            if (!value)
                continue;
            const config_origin origin{entry.line, {}};
            if (const auto wrong = assign(std::get<map_node>(node.kind), name, *value))
                report_.error(origin, path, *wrong);
            else
                node.entry_origins[name] = origin;
        }
    }

    void read_list(config_node& node, list_node& list, const toml_entry& entry) {
        const auto* array = expect<toml_array>(node, entry, "an array of strings");
        if (!array)
            return;
        std::vector<std::string> elements;
        for (const toml_value& element : *array) {
            const auto* text = std::get_if<std::string>(&element.is);
            if (!text) {
                report_.error({entry.line, {}}, node.path,
                              "expected an array of strings, an element is " +
                                  std::string(type_name(element)));
                return;
            }
            elements.push_back(*text);
        }
        settle(node, entry, assign(list, std::move(elements)));
    }

    void read_secret_file(config_node& node, const toml_entry& entry, const toml_table& table) {
        const std::string path = node.path + "_file";
        const auto* file = std::get_if<std::string>(&entry.value.is);
        const bool both = std::any_of(table.begin(), table.end(),
                                      [&](const toml_entry& other) { return other.key == node.name; });
        if (!file)
            return wrong_type(path, entry, "a string");
        if (both)
            return report_.error({entry.line, {}}, path, "give either this or " + node.name);
        if (file->empty())
            return;
        const auto wrong = assign_from_file(std::get<text_node>(node.kind), *file);
        if (wrong)
            report_.error({entry.line, {}}, path, *wrong);
        else
            node.origin = {entry.line, {}};
    }

    template <class T>
    const T* expect(const config_node& node, const toml_entry& entry, std::string_view wanted) {
        const T* value = std::get_if<T>(&entry.value.is);
        if (!value)
            wrong_type(node.path, entry, wanted);
        return value;
    }

    void wrong_type(const std::string& path, const toml_entry& entry, std::string_view wanted) {
        report_.error({entry.line, {}}, path,
                      "expected " + std::string(wanted) + ", got " + std::string(type_name(entry.value)));
    }

    void settle(config_node& node, const toml_entry& entry, const std::optional<std::string>& wrong) {
        if (wrong)
            report_.error({entry.line, {}}, node.path, *wrong);
        else
            node.origin = {entry.line, {}};
    }

    void unknown(const config_node& table, const toml_entry& entry) {
        std::vector<std::string> names;
        for (const auto& c : table.children)
            names.push_back(c->name);
        std::string meant(nearest(entry.key, names));
        if (!meant.empty() && !table.path.empty())
            meant = table.path + "." + meant;
        if (meant.empty()) { // the right name in the wrong table
            std::vector<std::string> elsewhere;
            collect(root_, entry.key, elsewhere);
            if (!elsewhere.empty())
                meant = elsewhere.front();
        }
        const std::string path = table.path.empty() ? entry.key : table.path + "." + entry.key;
        const bool section = std::holds_alternative<toml_table>(entry.value.is);
        std::string text = section ? "unknown table [" + path + "]" : "unknown key " + path;
        if (!meant.empty())
            text += "; did you mean " + meant + "?";
        report_.error({entry.line, {}}, {}, text);
    }

    const config_node& root_;
    config_report& report_;
};

} // namespace

void apply_document(config_node& root, const toml_document& document, config_report& report) {
    for (const toml_error& e : document.errors)
        report.error({e.line, {}}, {}, e.text);
    file_reader(root, report).read_table(root, document.root);
}

} // namespace millrace::runtime

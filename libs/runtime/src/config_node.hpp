// The tree behind `config`: one node a key or table, with its rule, its variable and where its value came
// from.
#pragma once

#include "millrace/runtime/config.hpp"

#include <variant>

namespace millrace::runtime {

using text_map = std::map<std::string, std::string>;

struct table_node {}; ///< a table with declared keys

struct tables_node { ///< a table of tables with names of the user's
    table_rule rule;
    std::shared_ptr<void> sample_value;
    std::unique_ptr<config_node> sample; ///< what each of them declares, with defaults
    std::function<void(const std::string&, config_section)> make;
};

struct text_node {
    text_rule rule;
    std::string* target;
    std::string file; ///< where KEY_file was given
};

struct number_node {
    number_rule rule;
    std::uint64_t* target;
};

struct flag_node {
    std::string doc;
    bool* target;
};

struct list_node {
    list_rule rule;
    std::vector<std::string>* target;
};

struct map_node {
    map_rule rule;
    text_map* target;
};

/// Where a value came from: a line of the file, a variable, or neither.
struct config_origin {
    std::size_t line = 0;
    std::string variable;

    bool given() const noexcept { return line != 0 || !variable.empty(); }
};

struct config_node {
    std::string name;
    std::string path;
    std::string doc; ///< of a table
    std::variant<table_node, tables_node, text_node, number_node, flag_node, list_node, map_node> kind;
    std::vector<std::unique_ptr<config_node>> children;
    config_origin origin;
    std::map<std::string, config_origin> entry_origins; ///< of a map_node's entries

    config_node* child(std::string_view child_name) const;
    /// The child that is named so, made where this is a tables_node.
    config_node& make_table(const std::string& user_name);
    std::unique_ptr<config_node> make_child(std::string child_name) const;
};

struct config_error {
    config_origin origin;
    std::string text;
};

/// What went wrong so far.
struct config_report {
    std::vector<config_error> errors;
    std::vector<std::string> warnings;

    void error(const config_origin& where, std::string_view path, std::string_view text);
};

/// Each sets the variable, or says why not.
std::optional<std::string> assign(text_node& to, std::string_view value);
std::optional<std::string> assign(number_node& to, std::int64_t value);
std::optional<std::string> assign(list_node& to, std::vector<std::string> value);
std::optional<std::string> assign(map_node& to, std::string_view name, std::string_view value);
/// Nothing where the file cannot be read.
std::optional<std::string> read_whole(const std::string& file);
/// The value of a secret from a file that holds it.
std::optional<std::string> assign_from_file(text_node& to, const std::string& file);

/// `"` + text + `"` with TOML's escapes.
std::string toml_quoted(std::string_view text);
/// "1 to 64 ms", "key, partition or none".
std::string allowed_values(const config_node& node);

/// "events-eu" -> "EVENTS_EU".
std::string environment_form(std::string_view text);

} // namespace millrace::runtime

// A configuration: keys bound to variables, filled from a TOML file and from the environment. All that is
// wrong is gathered, never thrown, so that a user sees every mistake at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::runtime {

/// Says what is wrong with a value ("is not host:port"), or nothing.
using value_check = std::function<std::optional<std::string>(std::string_view value)>;

struct text_rule {
    std::string doc;
    std::vector<std::string> one_of; ///< anything where empty
    value_check check;
    /// Masked when printed, and may be given as a file too: KEY_file = "path" (its last line end is cut off).
    bool secret = false;
};

struct number_rule {
    std::string doc;
    std::uint64_t min = 0;
    std::uint64_t max = std::numeric_limits<std::int64_t>::max();
    std::string unit; ///< "ms", "bytes", …; empty where it counts things
};

struct list_rule {
    std::string doc;
    value_check check; ///< of each element
    std::size_t min_elements = 0;
    bool secret = false; ///< elements are masked when printed and never repeated in an error
};

/// For a table whose keys the user chooses. In the environment such a name is in capitals, its dots (or what
/// else) underscores.
struct map_rule {
    std::string doc;
    std::function<std::optional<std::string>(std::string_view name, std::string_view value)> check;
    std::function<bool(std::string_view name)> secret;
    char underscore = '.'; ///< what one stands for in the environment
};

struct table_rule {
    std::string doc;
    value_check name; ///< of the names that the user gives
};

struct config_node;

/// A table of the file while its keys are declared. What is bound must outlive the configuration; its value
/// at that time is the default.
class config_section {
  public:
    explicit config_section(config_node& node) : node_(&node) {}

    void text(std::string name, std::string& target, text_rule rule);
    void number(std::string name, std::uint64_t& target, number_rule rule);
    void flag(std::string name, bool& target, std::string doc);
    void list(std::string name, std::vector<std::string>& target, list_rule rule);
    void strings(std::string name, std::map<std::string, std::string>& target, map_rule rule);
    config_section section(std::string name, std::string doc);

    /// `[name.ANYTHING]`, each of them a T whose keys `bind` declares.
    template <class T>
    void tables(std::string name, std::map<std::string, T>& target, table_rule rule,
                const std::function<void(config_section, T&)>& bind) {
        auto sample = std::make_shared<T>();
        const config_section sample_section = add_tables(
            std::move(name), std::move(rule), sample,
            [&target, bind](const std::string& user_name, config_section s) { bind(s, target[user_name]); });
        bind(sample_section, *sample);
    }

  private:
    config_section add_tables(std::string name, table_rule rule, std::shared_ptr<void> sample,
                              std::function<void(const std::string&, config_section)> make);

    config_node* node_;
};

/// What documentation says about one key.
struct key_description {
    std::string path;          ///< "http.listen"; "topics.NAME.source" in tables with names of the user's
    std::string section_doc;   ///< of the table that it is in
    std::string type;          ///< "text", "number", "flag", "list of text", "table of text"
    std::string default_value; ///< as TOML
    std::string allowed;       ///< "1 to 64", "key, partition or none"; empty where anything is
    std::string unit;
    std::string environment; ///< name of its variable
    std::string doc;
    bool secret = false;
};

/// Declared by one thread, read once: file first, then environment, then `complain` for rules across keys.
class config {
  public:
    config();
    ~config();
    config(const config&) = delete;
    config& operator=(const config&) = delete;

    config_section root();

    void read_file(const std::string& path);

    /// `text` is TOML 1.0; `name` is for messages.
    void read_toml(std::string_view text, std::string name);

    /// `variables` ("NAME=value") ends with a null pointer; only those with `prefix` ("MILLRACE_") are looked
    /// at. A variable of that prefix that names no key is worth a warning.
    void read_environment(const char* const* variables, std::string_view prefix);

    /// Makes `[tables.NAME]` with its defaults where neither source has it; for a table that stands for none.
    void add_table(std::string_view tables, const std::string& name);

    /// A rule that needs more than one key was broken. `path` is the key to blame; one that has an error
    /// already gets no second one.
    void complain(std::string_view path, std::string_view text);

    /// Whether a file or a variable has set it.
    bool is_set(std::string_view path) const;

    /// One line each, in the order of the file: "millrace.toml:7: http.threads: …".
    std::vector<std::string> errors() const;
    std::vector<std::string> warnings() const;

    /// The values in effect, as a file that could be read again. Secrets are masked.
    std::string to_toml() const;

    std::vector<key_description> describe(std::string_view prefix) const;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::runtime

// The public face of the tree: sources in, errors and text out.
#include "millrace/runtime/config.hpp"

#include "config_print.hpp"
#include "config_read.hpp"

#include <algorithm>
#include <stdexcept>

namespace millrace::runtime {

struct config::impl {
    config_node root;
    config_report report;
    std::string file;

    /// Where the key at `path` got its value; keys of maps and tables have dots of their own.
    static config_origin find(const config_node& node, std::string_view path) {
        for (const auto& c : node.children) {
            if (c->path == path)
                return c->origin;
            if (!path.starts_with(c->path + "."))
                continue;
            const auto entry = c->entry_origins.find(std::string(path.substr(c->path.size() + 1)));
            if (entry != c->entry_origins.end())
                return entry->second;
            if (const config_origin below = find(*c, path); below.given())
                return below;
        }
        return {};
    }

    std::string where(const config_origin& origin) const {
        if (!origin.variable.empty())
            return origin.variable + ": ";
        if (origin.line != 0)
            return file + ":" + std::to_string(origin.line) + ": ";
        return {};
    }
};

config::config() : impl_(std::make_unique<impl>()) {}
config::~config() = default;

config_section config::root() {
    return config_section(impl_->root);
}

void config::read_file(const std::string& path) {
    const auto text = read_whole(path);
    if (text)
        read_toml(*text, path);
    else
        impl_->report.error({}, {}, path + ": cannot be read");
}

void config::read_toml(std::string_view text, std::string name) {
    impl_->file = std::move(name);
    apply_document(impl_->root, parse_toml(text), impl_->report);
}

void config::read_environment(const char* const* variables, std::string_view prefix) {
    apply_environment(impl_->root, variables, prefix, impl_->report);
}

void config::add_table(std::string_view tables, const std::string& name) {
    config_node* node = impl_->root.child(tables);
    if (!node)
        throw std::logic_error("no such table: " + std::string(tables));
    node->make_table(name);
}

void config::complain(std::string_view path, std::string_view text) {
    const auto is_about_it = [&](const config_error& e) {
        const std::string_view known = e.text;
        return known.starts_with(path) && (known.substr(path.size()).starts_with(": ") ||
                                           known.substr(path.size()).starts_with("_file: "));
    };
    if (std::ranges::any_of(impl_->report.errors, is_about_it))
        return; // its value could not be read: a rule that misses it would only confuse
    impl_->report.error(impl::find(impl_->root, path), path, text);
}

bool config::is_set(std::string_view path) const {
    return impl::find(impl_->root, path).given();
}

std::vector<std::string> config::errors() const {
    auto sorted = impl_->report.errors;
    std::stable_sort(sorted.begin(), sorted.end(), [](const config_error& a, const config_error& b) {
        return a.origin.line < b.origin.line;
    });
    std::vector<std::string> out;
    for (const config_error& e : sorted)
        out.push_back(impl_->where(e.origin) + e.text);
    return out;
}

std::vector<std::string> config::warnings() const {
    return impl_->report.warnings;
}

std::string config::to_toml() const {
    return print_toml(impl_->root);
}

std::vector<key_description> config::describe(std::string_view prefix) const {
    return describe_keys(impl_->root, prefix);
}

} // namespace millrace::runtime

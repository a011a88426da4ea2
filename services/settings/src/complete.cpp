// Defaults that depend on other values, and the rules across keys.
#include "schema.hpp"

#include "millrace/core/text.hpp"

#include <vector>

namespace millrace::settings {
namespace {

void check_default_topic(runtime::config& c, const file& of) {
    const auto& wanted = of.ingress.default_topic;
    if (of.topics.contains(wanted))
        return;
    std::vector<std::string> names;
    for (const auto& [name, topic] : of.topics)
        names.push_back(name);
    std::string text = "\"" + wanted + "\" is not one of [topics]";
    if (const auto near = nearest(wanted, names); !near.empty())
        text += "; did you mean \"" + std::string(near) + "\"?";
    c.complain("ingress.default_topic", text);
}

} // namespace

void complete(runtime::config& c, file& of) {
    if (of.topics.empty())
        c.add_table("topics", "events");
    check_default_topic(c, of);
    if (of.http.max_connections < of.http.threads)
        c.complain(c.is_set("http.threads") ? "http.threads" : "http.max_connections",
                   "there are fewer connections (http.max_connections, " +
                       std::to_string(of.http.max_connections) + ") than loops (http.threads, " +
                       std::to_string(of.http.threads) + ")");
}

} // namespace millrace::settings

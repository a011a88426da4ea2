// docs/configuration.md and deploy/millrace.toml say what the schema says. The tables of the page are what
// `reference()` makes: where the test fails, it has written the page as it should be beside the test program.
#include "environment.hpp"

#include "../../../services/settings/src/schema.hpp"

#include <doctest/doctest.h>

#include <iterator>

using namespace millrace::settings;
using namespace millrace::settings::test;
using millrace::runtime::key_description;

namespace {

constexpr std::string_view begin_mark = "<!-- reference: begin -->\n";
constexpr std::string_view end_mark = "<!-- reference: end -->\n";

std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    REQUIRE_MESSAGE(in.is_open(), path);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string source(const std::string& path) {
    return slurp(std::string(MILLRACE_SOURCE_DIR) + "/" + path);
}

std::vector<key_description> keys() {
    file defaults;
    defaults.http.listen = "127.0.0.1:8080";
    millrace::runtime::config c;
    declare(c, defaults);
    return c.describe("MILLRACE_");
}

std::string row(const key_description& k, const std::string& key) {
    std::string type = k.type + (k.unit.empty() ? "" : ", " + k.unit) + (k.secret ? ", secret" : "");
    return "| `" + key + "` | " + type + " | `" + k.default_value + "` | " +
           (k.allowed.empty() ? "" : k.allowed) + " | " + k.doc + " `" + k.environment + "` |\n";
}

/// What the rules of a list let pass.
std::string list_example(const std::string& path) {
    if (path == "http.trusted_proxies")
        return "10.0.0.0/8";
    if (path == "handlers.http.signing_secrets")
        return "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    if (path.ends_with("_files"))
        return ""; // each is read
    return path == "cors.allowed_origins" ? "https://shop.example" : "events";
}

std::string reference() {
    std::string out;
    std::string section;
    for (const key_description& k : keys()) {
        const auto dot = k.path.rfind('.');
        if (const std::string own = k.path.substr(0, dot); own != section) {
            section = own;
            out += "\n### `[" + section + "]`\n\n" + k.section_doc + "\n\n";
            out += "| Key | Type | Default | Allowed | Meaning and variable |\n|---|---|---|---|---|\n";
        }
        out += row(k, k.path.substr(dot + 1));
    }
    return out + "\n";
}

} // namespace

TEST_CASE("docs/configuration.md has every key as the schema has it") {
    const std::string page = source("docs/configuration.md");
    const auto begin = page.find(begin_mark);
    const auto end = page.find(end_mark);
    REQUIRE(begin != std::string::npos);
    REQUIRE(end != std::string::npos);
    const std::string wanted = page.substr(0, begin + begin_mark.size()) + reference() + page.substr(end);
    if (wanted != page)
        std::ofstream("configuration.md", std::ios::binary) << wanted;
    CHECK_MESSAGE(wanted == page, "docs/configuration.md is stale; the right one is ./configuration.md");
}

TEST_CASE("every key has a meaning and a name in the environment that works") {
    for (const key_description& k : keys()) {
        CAPTURE(k.path);
        CHECK_FALSE(k.doc.empty());
        CHECK_FALSE(k.section_doc.empty());
        CHECK(k.environment.starts_with("MILLRACE_"));
        if (k.type == "table of text")
            continue;
        const bool quoted = k.default_value.starts_with('"');
        std::string value = quoted ? k.default_value.substr(1, k.default_value.size() - 2) : k.default_value;
        if (k.type.starts_with("list"))
            value = list_example(k.path);
        if (k.path.starts_with("hooks.NAME.") || k.path.starts_with("auth.keys.NAME."))
            continue; // these need several keys at once: access_test.cpp
        std::string variable = k.environment;
        if (const auto name = variable.find("_NAME_"); name != std::string::npos)
            variable.replace(name, 6, "_EVENTS_");
        const auto l = load_words({}, {variable + "=" + value});
        CHECK_MESSAGE(l.settings, l.text);
        CHECK(l.warnings.empty());
    }
}

TEST_CASE("deploy/millrace.toml is accepted, complete, and holds the defaults") {
    const std::string path = std::string(MILLRACE_SOURCE_DIR) + "/deploy/millrace.toml";
    for (const service s : {service::ingress, service::processor}) {
        const auto checked = load_words({"--check-config", "--config", path}, {}, s);
        CHECK_MESSAGE(checked.exit_code == 0, checked.text);
        const auto shown = load_words({"--print-config", "--config", path}, {}, s);
        CHECK(shown.text == load_words({"--print-config"}, {}, s).text);
    }
    const std::string text = "\n" + source("deploy/millrace.toml");
    for (const key_description& k : keys()) {
        CAPTURE(k.path);
        if (k.type == "table of text") {
            CHECK(text.find("\n[" + k.path + "]\n") != std::string::npos);
            continue;
        }
        // http.listen differs by service, and no key or hook is there by default: they stand as comments.
        const std::string line = k.path.substr(k.path.rfind('.') + 1) + " = " + k.default_value;
        const bool comment = k.path == "http.listen" || k.path.starts_with("auth.keys.") ||
                             k.path.starts_with("hooks.") || k.path.starts_with("processor.retry.classes.");
        CHECK(text.find((comment ? "\n# " : "\n") + line) != std::string::npos);
    }
}

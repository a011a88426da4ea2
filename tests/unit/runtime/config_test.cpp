// What the settings of today do not show: secrets from files, nested tables of tables, recovery from bad
// syntax.
#include "millrace/runtime/config.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace millrace::runtime;

namespace {

struct key_settings {
    std::string sha256;
    std::uint64_t rate = 0;
};

/// A schema such as credentials will have.
struct fixture {
    std::map<std::string, key_settings> keys;
    std::uint64_t number = 7;
    config c;

    fixture() {
        config_section auth = c.root().section("auth", "Who may post.");
        auth.number("number", number, {"A number.", 1, 9, "ms"});
        auth.tables<key_settings>("keys", keys, {"A key.", {}}, [](config_section s, key_settings& k) {
            s.text("sha256", k.sha256, {.doc = "Of the key.", .one_of = {}, .check = {}, .secret = true});
            s.number("rate", k.rate, {"Rate."});
        });
    }

    void environment(std::vector<const char*> variables) {
        variables.push_back(nullptr);
        c.read_environment(variables.data(), "MILLRACE_");
    }
};

std::string secret_file(const std::string& content) {
    const auto path =
        std::filesystem::temp_directory_path() / ("millrace-secret-" + std::to_string(::getpid()));
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
}

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("a secret from a file, from either source; printed as its file, never as itself") {
    const std::string path = secret_file("geheim\n");
    for (const bool by_variable : {false, true}) {
        fixture f;
        const std::string variable = "MILLRACE_AUTH_KEYS_SHOP_SHA256_FILE=" + path;
        if (by_variable)
            f.environment({variable.c_str()});
        else
            f.c.read_toml("[auth.keys.shop]\nsha256_file = \"" + path + "\"\n", "x.toml");
        CHECK(f.c.errors() == lines{});
        CHECK(f.c.warnings() == lines{});
        CHECK(f.keys.at("shop").sha256 == "geheim");
        CHECK(f.c.to_toml().find("sha256_file = \"" + path + "\"") != std::string::npos);
        CHECK(f.c.to_toml().find("geheim") == std::string::npos);
    }
    std::filesystem::remove(path);
}

TEST_CASE("a secret and its file exclude each other, and the file has to be there") {
    fixture f;
    f.c.read_toml(
        "[auth.keys.a]\nsha256 = \"x\"\nsha256_file = \"y\"\n[auth.keys.b]\nsha256_file = \"/none\"\n"
        "[auth.keys.c]\nrate_file = \"/none\"\n",
        "x.toml");
    f.environment({"MILLRACE_AUTH_KEYS_D_SHA256=x", "MILLRACE_AUTH_KEYS_D_SHA256_FILE=y"});
    CHECK(f.c.errors() ==
          lines{"MILLRACE_AUTH_KEYS_D_SHA256_FILE: give either this or MILLRACE_AUTH_KEYS_D_SHA256",
                "x.toml:3: auth.keys.a.sha256_file: give either this or sha256",
                "x.toml:5: auth.keys.b.sha256_file: cannot read \"/none\"",
                "x.toml:7: unknown key auth.keys.c.rate_file"});
}

TEST_CASE("an inline secret is masked, and a variable beats the file's file") {
    fixture f;
    f.c.read_toml("[auth.keys.a]\nsha256 = \"geheim\"\n", "x.toml");
    CHECK(f.c.to_toml().find("sha256 = \"********\"") != std::string::npos);
    f.environment({"MILLRACE_AUTH_KEYS_A_SHA256=other"});
    CHECK(f.keys.at("a").sha256 == "other");
}

TEST_CASE("complaints point to where the value came from") {
    fixture f;
    f.c.read_toml("[auth]\nnumber = 3\n", "x.toml");
    f.c.complain("auth.number", "is odd");
    f.c.complain("auth.keys.x.rate", "is missing");
    CHECK(f.c.errors() == lines{"auth.keys.x.rate: is missing", "x.toml:2: auth.number: is odd"});
    f.c.complain("auth.number", "is small too");
    CHECK_MESSAGE(f.c.errors().size() == 2, "a key with an error gets no second one");
    fixture g;
    g.environment({"MILLRACE_AUTH_NUMBER=5"});
    g.c.complain("auth.number", "is odd");
    CHECK(g.c.errors() == lines{"MILLRACE_AUTH_NUMBER: auth.number: is odd"});
    CHECK(f.c.is_set("auth.number"));
    CHECK_FALSE(f.c.is_set("auth.keys.x.rate"));
}

TEST_CASE("syntax: what is confined to its line does not hide the rest") {
    struct row {
        const char* toml;
        std::vector<std::size_t> lines;
    };
    const row rows[] = {
        {"[auth]\nnumber = = 1\nnumber = 99\n", {2, 3}},
        {"[auth]\nnumber = 1\nnumber = 2\nnumber = 99\n", {3, 4}},
        {"[auth]\nnumber = 1\n[auth]\nnumber = 2\n[other]\n", {3, 5}},
        {"[auth\nnumber = 99\n[other]\n", {1, 3}},
        {"x = \"open\ny = 1\n", {1, 2}},
        {"x = [1,\ny = 1\nz = 1\n",
         {2}}, // where the array should have ended is not known: nothing after it counts
        {"x = \"\"\"\nnever closed", {2}},
        {"\n\n= 1\r\n= 2\r\n", {3, 4}},
    };
    for (const row& r : rows) {
        CAPTURE(r.toml);
        fixture f;
        f.c.read_toml(r.toml, "f");
        const auto errors = f.c.errors();
        std::string all;
        for (const auto& e : errors)
            all += e + "\n";
        CAPTURE(all);
        REQUIRE(errors.size() == r.lines.size());
        for (std::size_t i = 0; i < errors.size(); ++i)
            CHECK(errors[i].starts_with("f:" + std::to_string(r.lines[i]) + ": "));
    }
}

TEST_CASE("declaring a key twice is a bug") {
    config c;
    std::uint64_t n = 0;
    c.root().number("n", n, {"N."});
    CHECK_THROWS(c.root().number("n", n, {"N."}));
}

// The JSON-Schema-Test-Suite, draft 7, held against ours. What it does not agree with is exactly what
// schema_suite.txt lists, so that neither a lost case nor a won one goes unnoticed.
#include "json_slices.hpp"
#include "millrace/event/schema.hpp"
#include "text_arena.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <string>

namespace event = millrace::event;

namespace {

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::map<std::string, std::string> members_of(std::string_view object) {
    std::map<std::string, std::string> members;
    event::text_arena arena;
    event::json_items items(object);
    for (std::string_view name, value; items.next_member(name, value);)
        members[std::string(event::text_of_json_string(name, arena).value())] = value;
    return members;
}

std::string unquoted(const std::string& text) {
    event::text_arena arena;
    return std::string(event::text_of_json_string(text, arena).value());
}

struct outcome {
    std::size_t right = 0;
    std::set<std::string> other; // what the list has to name
};

void run_case(const std::string& file, std::string_view object, outcome& to) {
    const auto group = members_of(object);
    const std::string where = file + ": " + unquoted(group.at("description"));
    std::string problem;
    const auto schema = event::schema::parse(group.at("schema"), problem);
    if (!schema) {
        to.other.insert("refused: " + where + ": " + problem);
        return;
    }
    event::json_items tests(group.at("tests"));
    for (std::string_view test; tests.next_element(test);) {
        const auto each = members_of(test);
        const bool valid = schema->violations(each.at("data"), 10).empty();
        if (valid == (each.at("valid") == "true"))
            ++to.right;
        else
            to.other.insert("differs: " + where + ": " + unquoted(each.at("description")));
    }
}

outcome run(const std::filesystem::path& directory) {
    outcome all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.path().extension() != ".json")
            continue;
        const std::string text = read(entry.path());
        event::json_items groups(event::trim_json(text));
        const std::string file = std::filesystem::relative(entry.path(), directory).replace_extension();
        for (std::string_view object; groups.next_element(object);)
            run_case(file, object, all);
    }
    return all;
}

} // namespace

TEST_CASE("the suite agrees, but for what is listed") {
    std::set<std::string> listed;
    std::ifstream list(MILLRACE_SCHEMA_SUITE_LIST);
    for (std::string line; std::getline(list, line);) {
        if (!line.empty() && !line.starts_with('#'))
            listed.insert(line);
    }
    const outcome result = run(MILLRACE_SCHEMA_SUITE);
    MESSAGE(result.right << " verdicts agree");
    CHECK(result.right > 450);
    for (const std::string& line : result.other) {
        CAPTURE(line);
        CHECK(listed.contains(line));
    }
    for (const std::string& line : listed) {
        CAPTURE(line);
        CHECK(result.other.contains(line));
    }
}

// Another copy of the suite, by hand: what it says goes to the terminal.
TEST_CASE("another suite" * doctest::skip(std::getenv("MILLRACE_OTHER_SCHEMA_SUITE") == nullptr)) {
    const outcome result = run(std::getenv("MILLRACE_OTHER_SCHEMA_SUITE"));
    std::cout << result.right << " verdicts agree\n";
    std::ranges::copy(result.other, std::ostream_iterator<std::string>(std::cout, "\n"));
}

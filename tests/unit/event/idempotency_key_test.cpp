// Idempotency-Key: a structured-field string, or the bare text that most clients send.
#include "millrace/event/idempotency_key.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace millrace::event;
using namespace std::string_view_literals;

TEST_CASE("what the key is") {
    const struct {
        std::string_view value;
        std::string_view key;
    } table[] = {
        {R"("8e03978e-40d5")", "8e03978e-40d5"},
        {"8e03978e-40d5", "8e03978e-40d5"},
        {R"(  "a b"  )", "a b"},
        {" bare with spaces ", "bare with spaces"},
        {R"("a\"b\\c")", R"(a"b\c)"},
        {R"("\"")", R"(")"},
        {R"("a";p=1)", "a"},
        {R"("a" ; p)", "a"},
        {"a;b", "a;b"},
        {R"(a"b)", R"(a"b)"},
        {"Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f"},
    };
    for (const auto& row : table) {
        std::string scratch;
        const auto key = idempotency_key_of(row.value, scratch);
        REQUIRE_MESSAGE(key, row.value);
        CHECK(*key == row.key);
    }
}

TEST_CASE("what cannot be a key") {
    for (const auto value :
         {""sv, " "sv, R"("")"sv, R"(")"sv, R"("a)"sv, R"("a\")"sv, R"("a\b")"sv, R"("a" b)"sv, R"("a""b")"sv,
          R"("a",)"sv, "\"a\xc3\xa9\""sv, "\"a\tb\""sv, "a\x01"sv, "\xff"sv}) {
        std::string scratch;
        CHECK_MESSAGE(!idempotency_key_of(value, scratch), value);
    }
}

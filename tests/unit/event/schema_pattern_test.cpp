// Regular expressions as ECMA 262 means them, and those that are refused.
#include "millrace/event/schema.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace millrace::event;

namespace {

struct pattern_case {
    std::string_view expression; // in a raw literal, as in a JSON string
    std::string_view text;       // likewise
    bool found;
};

std::string with_pattern(std::string_view expression) {
    return R"({"pattern":")" + std::string(expression) + "\"}";
}

} // namespace

TEST_CASE("expressions that both languages know, and those that are rewritten") {
    for (const pattern_case& each : {
             pattern_case{"es", "expression", true},
             {"^es", "expression", false},
             {"^a*$", "aaa", true},
             {"^a$", R"(a\n)", false},
             {"^.$", R"(\u2028)", false},
             {"^.$", "é", true},
             {R"(^[\\s\\S]$)", R"(\n)", true},
             {R"(^\\s$)", R"(\u00a0)", true},
             {R"(^\\s$)", R"(\ufeff)", true},
             {R"(^\\s$)", R"(\u000b)", true},
             {R"(^\\S$)", R"(\u3000)", false},
             {R"(^[^\\S]$)", R"(\u3000)", true},
             {R"(^\\d+$)", "٣", false},
             {R"(^\\w+$)", "é", false},
             {R"(^\\u00e9$)", "é", true},
             {R"(^\\ud83d\\ude00$)", "😀", true},
             {R"(^\\u{1f600}$)", "😀", true},
             {R"(^\\x41\\cA\\0$)", R"(A\u0001\u0000)", true},
             {R"(^(?<year>\\d{4})-(?:\\d\\d)$)", "2026-11", true},
             {R"(^\\p{Letter}+\\p{Nd}$)", "éß٣", true},
             {R"(^\\p{Script=Greek}$)", "λ", true},
             {R"(^\\P{Lu}$)", "A", false},
             {R"(^[[:alpha:]]$)", "a]", true},
             {R"(^[[:alpha:]]$)", "a", false},
             {R"(^[\\]\\-^]+$)", "]-^", true},
             {R"(a\\/b\\.c)", "a/b.c", true},
             {"^[^]$", R"(\n)", true},
             {"[]", "a", false},
             {"^(a|b)*?c{2,3}$", "abcc", true},
         }) {
        CAPTURE(each.expression);
        CAPTURE(each.text);
        std::string problem;
        const auto made = schema::parse(with_pattern(each.expression), problem);
        REQUIRE_MESSAGE(made, problem);
        CHECK(made->violations('"' + std::string(each.text) + '"', 1).empty() == each.found);
    }
}

TEST_CASE("expressions that are refused") {
    for (const std::string_view expression : {"(?=a)",      "(?!a)",
                                              "(?<=a)",     "(?<!a)",
                                              R"((a)\\1)",  R"((?<n>a)\\k<n>)",
                                              "(?i)a",      "(?P<n>a)",
                                              R"(\\A)",     R"(\\z)",
                                              R"(\\Qa\\E)", R"(\\C)",
                                              R"(\\a)",     R"(\\07)",
                                              R"(\\ud83d)", R"(\\p{Letters})",
                                              R"(\\pL)",    R"(\\p{^L})",
                                              "(",          "[a",
                                              "a**",        R"(a\\)",
                                              "[b-a]",      R"(\\u12)",
                                              R"(\\xg0)",   R"(\\u{110000})",
                                              "a{1001}",    "((a{1,100}){1,100}){1,100}"}) {
        CAPTURE(expression);
        std::string problem;
        CHECK(!schema::parse(with_pattern(expression), problem));
        CAPTURE(problem);
        CHECK(problem.starts_with("/pattern: the regular expression cannot be used: "));
    }
    std::string problem;
    CHECK(!schema::parse(with_pattern(std::string(5000, 'a')), problem));
    CHECK(!schema::parse(R"x({"patternProperties":{"(?=a)":{}}})x", problem));
    CHECK(problem.starts_with("/patternProperties/(?=a): "));
}

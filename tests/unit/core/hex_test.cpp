// Text that is made for every event: digits, escapes.
#include "millrace/core/hex.hpp"
#include "millrace/core/text.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>

using namespace millrace;

TEST_CASE("text is looked at whole, wherever an octet lies in it") {
    for (std::size_t size = 0; size < 20; ++size)
        for (std::size_t at = 0; at < size; ++at)
            for (int octet = 0; octet < 256; ++octet) {
                std::string text(size, 'x');
                text[at] = static_cast<char>(octet);
                REQUIRE(is_printable_ascii(text) == (octet >= 0x20 && octet < 0x7f));
                std::string escaped = text;
                if (octet == '"' || octet == '\\') {
                    escaped.insert(at, 1, '\\');
                } else if (octet < 0x20) {
                    std::array<char, 7> code{};
                    std::snprintf(code.data(), code.size(), "\\u%04X", static_cast<unsigned>(octet));
                    escaped.replace(at, 1, code.data());
                }
                std::string written;
                append_json_string(written, text);
                REQUIRE(written == '"' + escaped + '"');
            }
    CHECK(is_printable_ascii(""));
}

TEST_CASE("sixteen digits, the most significant first") {
    for (const std::uint64_t number :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x0123456789abcdef},
          std::uint64_t{0xfedcba9876543210}, std::uint64_t{0x9a9a9a9a0f0f0f0f}, UINT64_MAX}) {
        std::array<char, 16> written{};
        write_hex(written, number);
        std::array<char, 17> expected{};
        std::snprintf(expected.data(), expected.size(), "%016llx", static_cast<unsigned long long>(number));
        CHECK(std::string(written.data(), 16) == expected.data());
    }
}

TEST_CASE("numbers of any size in decimal digits") {
    std::string to;
    append_number(to, std::numeric_limits<std::int64_t>::min());
    append_number(to, std::numeric_limits<std::uint64_t>::max());
    append_number(to, std::int32_t{-7});
    append_number(to, 0U);
    CHECK(to == "-922337203685477580818446744073709551615-70");
}

TEST_CASE("a JSON string has escapes where it needs them, and the rest as it was") {
    const struct {
        std::string text;
        const char* json;
    } table[] = {
        {"", R"("")"},
        {"plain", R"("plain")"},
        {"\"", R"("\"")"},
        {"\\a\"b\"", R"("\\a\"b\"")"},
        {std::string("\0\x1f\n", 3), R"("\u0000\u001F\u000A")"},
        {"a\tb", R"("a\u0009b")"},
        {"\xc3\xa4\x7f", "\"\xc3\xa4\x7f\""},
    };
    for (const auto& row : table) {
        std::string to = "x";
        append_json_string(to, row.text);
        CHECK(to == std::string("x") + row.json);
    }
}

TEST_CASE("everything but unreserved characters is percent-encoded") {
    std::string to;
    append_percent_encoded(to, "a-._~Z9 /%\xc3\xa4z");
    CHECK(to == "a-._~Z9%20%2F%25%C3%A4z");
}

// Request targets and hosts, in the forms that RFC 9112 and RFC 3986 have, and in those that they have not.
#include "request_target.hpp"

#include <doctest/doctest.h>

using namespace millrace::http;

TEST_CASE("targets and their parts") {
    const struct {
        std::string_view target;
        std::string_view authority;
        std::string_view path; ///< empty: refused
        std::string_view query;
    } table[] = {
        {"/", "", "/", ""},
        {"/a/b?c=d?e", "", "/a/b", "c=d?e"},
        {"/a;b=c,d:e@f!$&'()*+~._-", "", "/a;b=c,d:e@f!$&'()*+~._-", ""},
        {"/%61%2f%c3%A4", "", "/%61%2f%c3%A4", ""},
        {"//a//b/", "", "//a//b/", ""},
        {"/?[a]=|b|{c}^`\\%zz", "", "/", "[a]=|b|{c}^`\\%zz"},
        {"http://h/a?b", "h", "/a", "b"},
        {"HTTPS://h:1/a", "h:1", "/a", ""},
        {"http://[::1]:8080", "[::1]:8080", "/", ""},
        {"http://h?q", "h", "/", "q"},
        {"http://h:", "h:", "/", ""},
        {"", "", "", ""},
        {"*", "", "", ""},
        {"a/b", "", "", ""},
        {"?a", "", "", ""},
        {"h:1", "", "", ""},
        {"ftp://h/", "", "", ""},
        {"http:/h", "", "", ""},
        {"http://", "", "", ""},
        {"http:///a", "", "", ""},
        {"http://u@h/a", "", "", ""},
        {"http://:80/a", "", "", ""},
        {"http://h:80:80/a", "", "", ""},
        {"http://h:65536/a", "", "", ""},
        {"http://h#f", "", "", ""},
        {"/a#b", "", "", ""},
        {"/a?b#c", "", "", ""},
        {"/a%", "", "", ""},
        {"/a%2", "", "", ""},
        {"/a%2g", "", "", ""},
        {"/a%%41", "", "", ""},
        {"/a\\b", "", "", ""},
        {"/a\"b", "", "", ""},
        {"/a|b", "", "", ""},
        {"/<a>", "", "", ""},
        {"/{a}", "", "", ""},
        {"/[a]", "", "", ""},
        {"/^`", "", "", ""},
        {"/\xc3\xa4", "", "", ""},
        {"/\x7f", "", "", ""},
        {"/a?\"", "", "", ""},
        {"/a?<", "", "", ""},
        {"/a?\xc3\xa4", "", "", ""},
    };
    for (const auto& row : table) {
        CAPTURE(row.target);
        request_target t;
        const char* const why = split_target(row.target, false, t);
        CHECK((why == nullptr) == !row.path.empty());
        if (why != nullptr)
            continue;
        CHECK(t.authority == row.authority);
        CHECK(t.path == row.path);
        CHECK(t.query == row.query);
    }
}

TEST_CASE("the asterisk form is for those who may use it") {
    for (const std::string_view target : {"*", "http://h", "https://h:1"}) {
        request_target t;
        CHECK(split_target(target, true, t) == nullptr);
        CHECK(t.path == "*");
    }
    request_target t;
    CHECK(split_target("http://h/", true, t) == nullptr);
    CHECK(t.path == "/");
    CHECK(split_target("**", true, t) != nullptr);
    CHECK(split_target("*?a", true, t) != nullptr);
}

TEST_CASE("hosts with an optional port") {
    for (const std::string_view good : {"", "h", "a.b-c_d~e", "127.0.0.1", "h:", "h:0", "h:65535", "[::1]",
                                        "[::1]:80", "[::ffff:1.2.3.4]", "a%20b", "!$&'()*+;="})
        CHECK_MESSAGE(is_authority(good), good);
    for (const std::string_view bad :
         {":",      ":80", "h:80:80", "h:-1", "h:+1", "h:65536", "h:8o", "h: 80",    "a,b",     "a/b",
          "u@h",    "a b", "a\tb",    "[::1", "::1",  "[]",      "[:]x", "[::1]80",  "[::1]:x", "[::g]",
          "[::1]]", "a%2", "a%zz",    "a%",   "a?b",  "a#b",     "a\\b", "\xc3\xa4", "<h>"})
        CHECK_MESSAGE(!is_authority(bad), bad);
}

// Where deliveries go: a URL, taken apart.
#include "target_url.hpp"

#include <doctest/doctest.h>

using millrace::http::parse_target_url;

TEST_CASE("URLs that a client can use") {
    struct row {
        const char* url;
        bool tls;
        const char* host;
        int port;
        const char* authority;
        const char* target;
    };
    for (const row& r :
         {row{"http://h", false, "h", 80, "h", "/"}, row{"https://h", true, "h", 443, "h", "/"},
          row{"HTTPS://H.example:443/", true, "H.example", 443, "H.example", "/"},
          row{"http://h:8080/a/b?c=d#e", false, "h", 8080, "h:8080", "/a/b?c=d"},
          row{"http://h?token=x", false, "h", 80, "h", "/?token=x"},
          row{"http://[::1]:9000/x", false, "::1", 9000, "[::1]:9000", "/x"},
          row{"https://[2001:db8::1]", true, "2001:db8::1", 443, "[2001:db8::1]", "/"},
          row{"http://h:443/%7e", false, "h", 443, "h:443", "/%7e"},
          row{"http://my_service-1.local./", false, "my_service-1.local.", 80, "my_service-1.local.", "/"}}) {
        CAPTURE(r.url);
        const auto t = parse_target_url(r.url);
        REQUIRE(t);
        CHECK(t->tls == r.tls);
        CHECK(t->host == r.host);
        CHECK(t->port == r.port);
        CHECK(t->authority == r.authority);
        CHECK(t->target == r.target);
    }
    CHECK(parse_target_url("https://[::1]/secret?token=x")->origin == "https://[::1]:443");
}

TEST_CASE("URLs that it cannot use") {
    for (const char* url :
         {"", "h", "ftp://h", "http://", "http:///x", "http://h:0", "http://h:65536", "http://h:x",
          "http://h:", "http://u@h", "http://u:p@h/", "http://[::1", "http://[]", "http://[::1]x",
          "http://a b/", "http://h/a b", "http://h/\r\nX: y", "http://h/\xc3\xa9"}) {
        CAPTURE(url);
        CHECK_FALSE(parse_target_url(url));
    }
}

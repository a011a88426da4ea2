// Who counts as the client: peers, trusted proxies, Forwarded (RFC 7239) and X-Forwarded-For.
#include "client_address.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::ingress;

namespace {

address_blocks blocks(std::initializer_list<const char*> texts) {
    address_blocks out;
    for (const char* text : texts)
        REQUIRE_FALSE(out.add(text));
    return out;
}

/// Trusted are 10.0.0.0/8 and 2001:db8:ffff::/48.
ip_address client_of(std::string_view peer, std::vector<field> headers) {
    http::request request;
    request.peer = peer;
    request.headers = headers;
    return client_address(request, blocks({"10.0.0.0/8", "2001:db8:ffff::/48"}));
}

ip_address address(std::string_view text) {
    const auto parsed = parse_address(text);
    REQUIRE_MESSAGE(parsed, text);
    return *parsed;
}

} // namespace

TEST_CASE("addresses in any spelling are one client") {
    CHECK(address("192.0.2.1") == address("::ffff:192.0.2.1"));
    CHECK(address("2001:db8::1") == address("2001:0DB8:0:0:0:0:0:1"));
    CHECK(address("fe80::1%eth0") == address("fe80::1"));
    for (const char* wrong : {"", "1.2.3", "1.2.3.256", "01.2.3.4.5", "::g", "1.2.3.4:80", "[::1]", "host",
                              "1111:2222:3333:4444:5555:6666:7777:8888:9999", "%"})
        CHECK_MESSAGE(!parse_address(wrong), wrong);
    CHECK_FALSE(parse_address(std::string_view("1.2.3.4\0", 8)));
}

TEST_CASE("blocks hold what their prefix says, of one family") {
    CHECK(blocks({"10.0.0.0/8"}).contains(address("10.255.255.255")));
    CHECK_FALSE(blocks({"10.0.0.0/8"}).contains(address("11.0.0.0")));
    CHECK(blocks({"10.16.0.0/12"}).contains(address("10.31.0.1")));
    CHECK_FALSE(blocks({"10.16.0.0/12"}).contains(address("10.32.0.0")));
    CHECK(blocks({"192.0.2.1"}).contains(address("192.0.2.1")));
    CHECK_FALSE(blocks({"192.0.2.1"}).contains(address("192.0.2.0")));
    CHECK(blocks({"0.0.0.0/0"}).contains(address("203.0.113.9")));
    CHECK_FALSE(blocks({"0.0.0.0/0"}).contains(address("2001:db8::1")));
    CHECK(blocks({"::/0"}).contains(address("2001:db8::1")));
    CHECK_FALSE(blocks({"::/0"}).contains(address("203.0.113.9")));
    CHECK(blocks({"2001:db8::/33"}).contains(address("2001:db8:7fff::")));
    CHECK_FALSE(blocks({"2001:db8::/33"}).contains(address("2001:db8:8000::")));
    CHECK_FALSE(blocks({}).contains(address("127.0.0.1")));
    for (const char* wrong :
         {"", "/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::1/129", "10.0.0.1/8",
          "2001:db8::1/64", "proxy.example", "fe80::1%eth0", "10.0.0.0/8/8"})
        CHECK_MESSAGE(address_blocks().add(wrong), wrong);
}

TEST_CASE("a peer that is not trusted is the client, whatever it says") {
    CHECK(client_of("192.0.2.1", {}) == address("192.0.2.1"));
    CHECK(client_of("192.0.2.1", {{"Forwarded", "for=198.51.100.1"}}) == address("192.0.2.1"));
    CHECK(client_of("192.0.2.1", {{"X-Forwarded-For", "198.51.100.1"}}) == address("192.0.2.1"));
    CHECK(client_of("no address", {}) == ip_address{});
}

TEST_CASE("a trusted proxy names the client") {
    struct {
        const char* header;
        const char* value;
        const char* client;
    } const cases[] = {
        {"Forwarded", "for=192.0.2.43", "192.0.2.43"},
        {"forwarded", "For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"},
        {"Forwarded", "for=\"[2001:db8:cafe::17]\";proto=https;by=10.0.0.2", "2001:db8:cafe::17"},
        {"Forwarded", "by=10.0.0.2 ; proto=http ; for=\"192.0.2.60:_port\"", "192.0.2.60"},
        {"Forwarded", "for=192.0.2.60:8080", "192.0.2.60"},
        {"Forwarded", "host=\"a,for=6.6.6.6\";for=192.0.2.60", "192.0.2.60"},
        {"Forwarded", "host=\"a\\\",for=6.6.6.6\";for=192.0.2.60", "192.0.2.60"},
        {"Forwarded", ", for=192.0.2.60 ,", "192.0.2.60"},
        {"Forwarded", ";for=192.0.2.60; ;proto=https;", "192.0.2.60"},
        {"X-Forwarded-For", "192.0.2.43", "192.0.2.43"},
        {"x-forwarded-for", "192.0.2.43:8080", "192.0.2.43"},
        {"X-Forwarded-For", "2001:db8:cafe::17", "2001:db8:cafe::17"},
        {"X-Forwarded-For", "[2001:db8:cafe::17]:80", "2001:db8:cafe::17"},
    };
    for (const auto& c : cases)
        CHECK_MESSAGE(client_of("10.0.0.1", {{c.header, c.value}}) == address(c.client), c.value);
    CHECK(client_of("10.0.0.1", {}) == address("10.0.0.1"));
    CHECK(client_of("2001:db8:ffff::9", {{"Forwarded", "for=192.0.2.1"}}) == address("192.0.2.1"));
}

TEST_CASE("what a client wrote itself, left of what the proxies wrote, is not believed") {
    struct {
        const char* header;
        const char* value;
        const char* client;
    } const cases[] = {
        {"X-Forwarded-For", "6.6.6.6, 192.0.2.1", "192.0.2.1"},
        {"X-Forwarded-For", "6.6.6.6, 192.0.2.1, 10.0.0.7", "192.0.2.1"},
        {"X-Forwarded-For", "10.0.0.6, 10.0.0.7", "10.0.0.6"}, // all of them are trusted
        {"X-Forwarded-For", "6.6.6.6, garbage, 10.0.0.7", "10.0.0.7"},
        {"X-Forwarded-For", "6.6.6.6, 1.2.3.4.5", "10.0.0.1"},
        {"X-Forwarded-For", "6.6.6.6, fe80::1%eth0", "10.0.0.1"},
        {"Forwarded", "for=6.6.6.6, for=192.0.2.1;by=10.0.0.1", "192.0.2.1"},
        {"Forwarded", "for=6.6.6.6, for=unknown", "10.0.0.1"},
        {"Forwarded", "for=6.6.6.6, for=_hidden, for=10.0.0.7", "10.0.0.7"},
        {"Forwarded", "for=6.6.6.6, proto=https", "10.0.0.1"},
        {"Forwarded", "for=\"6.6.6.6\\1\"", "10.0.0.1"},
    };
    for (const auto& c : cases)
        CHECK_MESSAGE(client_of("10.0.0.1", {{c.header, c.value}}) == address(c.client), c.value);
    CHECK(client_of("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", "192.0.2.1"}}) ==
          address("192.0.2.1"));
    std::string long_way = "6.6.6.6";
    for (int i = 0; i < 100; ++i)
        long_way += ", 10.0.0.7";
    CHECK(client_of("10.0.0.1", {{"X-Forwarded-For", long_way}}) == address("10.0.0.7"));
}

TEST_CASE("a Forwarded that cannot be read says nothing: the proxy is the client") {
    for (const char* wrong :
         {"for=\"6.6.6.6, for=192.0.2.1", "for=\", for=\"192.0.2.1\"", "for=6.6.6.6;for=7.7.7.7", "for", "=x",
          "for=", "for=6.6.6.6 7.7.7.7", "for=6.6.6.6\"x\""})
        CHECK_MESSAGE(client_of("10.0.0.1", {{"Forwarded", wrong}}) == address("10.0.0.1"), wrong);
    CHECK(client_of("10.0.0.1", {{"Forwarded", "for=\""}, {"Forwarded", "for=192.0.2.1"}}) ==
          address("10.0.0.1"));
}

TEST_CASE("of two headers that disagree one is the client's own: the proxy is the client") {
    CHECK(client_of("10.0.0.1", {{"Forwarded", "for=6.6.6.6"}, {"X-Forwarded-For", "192.0.2.1"}}) ==
          address("10.0.0.1"));
    CHECK(client_of("10.0.0.1", {{"Forwarded", "for=192.0.2.1"},
                                 {"X-Forwarded-For", "6.6.6.6, 192.0.2.1"}}) == address("192.0.2.1"));
    CHECK(client_of("10.0.0.1", {{"Forwarded", "for=6.6.6.6"}, {"X-Forwarded-For", ""}}) ==
          address("10.0.0.1"));
}

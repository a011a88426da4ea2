// Octets to requests: what is accepted, what is refused and with which status, however the octets arrive.
#include "message_reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

using namespace millrace;
using namespace millrace::http;

namespace {

using phase = message_reader::phase;

struct outcome {
    unsigned status = 0; ///< 0: wants more
    std::string code;
    std::vector<std::string> requests; ///< "METHOD path?query body", in order
    bool keep_alive = false;           ///< of the last
    std::uint64_t most_buffered = 0;

    bool operator==(const outcome&) const = default;
};

struct setting {
    message_parser::limits limits{1'024, 100'000};
    std::size_t budget = 1'000'000;
    std::size_t piece = std::string::npos; ///< octets that arrive at a time
};

outcome read(std::string_view octets, const setting& s = {}) {
    outcome o;
    std::atomic<std::uint64_t> used{0};
    {
        body_budget budget(s.budget, used);
        message_reader reader(s.limits, budget);
        while (!octets.empty() && o.status == 0) {
            const std::span<char> room = reader.prepare();
            REQUIRE(!room.empty());
            const std::size_t n = std::min({room.size(), octets.size(), s.piece});
            std::memcpy(room.data(), octets.data(), n);
            octets.remove_prefix(n);
            reader.commit(n);
            while (reader.advance() == phase::complete) {
                const message_head& h = reader.head();
                o.requests.push_back(std::string(h.method) + " " + std::string(h.path) + "?" +
                                     std::string(h.query) + " " + std::string(reader.body()));
                o.keep_alive = reader.keep_alive();
                o.most_buffered = std::max(o.most_buffered, used.load());
                reader.release();
            }
            o.most_buffered = std::max(o.most_buffered, used.load());
            if (reader.current() == phase::failed) {
                o.status = reader.fault().status;
                o.code = reader.fault().code;
                CHECK(reader.fault().close);
            }
        }
    }
    CHECK(used == 0);
    return o;
}

std::string get(std::string_view headers, std::string_view version = "HTTP/1.1",
                std::string_view target = "/") {
    return "GET " + std::string(target) + " " + std::string(version) + "\r\n" + std::string(headers) + "\r\n";
}

std::string chunked(std::string_view body) {
    return "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
}

} // namespace

TEST_CASE("what could be read in two ways is refused") {
    const struct {
        const char* why;
        std::string octets;
        unsigned status;
        const char* code;
    } table[] = {
        {"no Host", get(""), 400, "malformed_request"},
        {"two Hosts", get("Host: a\r\nHost: a\r\n"), 400, "malformed_request"},
        {"two Hosts in HTTP/1.0", get("Host: a\r\nHost: b\r\n", "HTTP/1.0"), 400, "malformed_request"},
        {"joined Hosts", get("Host: a, b\r\n"), 400, "malformed_request"},
        {"Host with a path", get("Host: a/b\r\n"), 400, "malformed_request"},
        {"Host with user", get("Host: u@a\r\n"), 400, "malformed_request"},
        {"both lengths", get("Host: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400,
         "malformed_request"},
        {"both lengths, other order", get("Host: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
         400, "malformed_request"},
        {"both lengths, unknown coding", get("Host: h\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n"),
         400, "malformed_request"},
        {"both, over the limit", get("Host: h\r\nContent-Length: 999999\r\nTransfer-Encoding: x\r\n"), 400,
         "malformed_request"},
        {"two lengths", get("Host: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n"), 400,
         "malformed_request"},
        {"the same length twice", get("Host: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n"), 400,
         "malformed_request"},
        {"a list of lengths", get("Host: h\r\nContent-Length: 1, 1\r\n"), 400, "malformed_request"},
        {"a signed length", get("Host: h\r\nContent-Length: +1\r\n"), 400, "malformed_request"},
        {"a negative length", get("Host: h\r\nContent-Length: -1\r\n"), 400, "malformed_request"},
        {"a hexadecimal length", get("Host: h\r\nContent-Length: 0x1\r\n"), 400, "malformed_request"},
        {"an empty length", get("Host: h\r\nContent-Length:\r\n"), 400, "malformed_request"},
        {"a length beyond 64 bits", get("Host: h\r\nContent-Length: 18446744073709551617\r\n"), 400,
         "malformed_request"},
        {"two codings", get("Host: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400,
         "malformed_request"},
        {"coding in HTTP/1.0", get("Host: h\r\nTransfer-Encoding: chunked\r\n", "HTTP/1.0"), 400,
         "malformed_request"},
        {"gzip, chunked", get("Host: h\r\nTransfer-Encoding: gzip, chunked\r\n"), 501,
         "transfer_coding_not_implemented"},
        {"identity", get("Host: h\r\nTransfer-Encoding: identity\r\n"), 501,
         "transfer_coding_not_implemented"},
        {"xchunked", get("Host: h\r\nTransfer-Encoding: xchunked\r\n"), 501,
         "transfer_coding_not_implemented"},
        {"chunked with a parameter", get("Host: h\r\nTransfer-Encoding: chunked;a=b\r\n"), 501,
         "transfer_coding_not_implemented"},
        {"a folded field", get("Host: h\r\nX: a\r\n b\r\n"), 400, "malformed_request"},
        {"a folded field, empty first", get("Host: h\r\nX:\r\n b\r\n"), 400, "malformed_request"},
        {"a folded field, empty second", get("Host: h\r\nX: a\r\n \r\n"), 400, "malformed_request"},
        {"a folded first line", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, "malformed_request"},
        {"bare line feeds", "GET / HTTP/1.1\nHost: h\n\n", 400, "malformed_request"},
        {"one bare line feed", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400, "malformed_request"},
        {"a bare carriage return", get("Host: h\r\nX: a\rb\r\n"), 400, "malformed_request"},
        {"space before the colon", get("Host: h\r\nX : a\r\n"), 400, "malformed_request"},
        {"space in a name", get("Host: h\r\nX Y: a\r\n"), 400, "malformed_request"},
        {"an empty name", get("Host: h\r\n: a\r\n"), 400, "malformed_request"},
        {"no colon", get("Host: h\r\nX\r\n"), 400, "malformed_request"},
        {"a name of other octets", get("Host: h\r\nX\xc3\xa4: a\r\n"), 400, "malformed_request"},
        {"NUL in a value", get(std::string("Host: h\r\nX: a\0b\r\n", 17)), 400, "malformed_request"},
        {"a control character in a value", get("Host: h\r\nX: a\x01\r\n"), 400, "malformed_request"},
        {"DEL in a value", get("Host: h\r\nX: a\x7f\r\n"), 400, "malformed_request"},
        {"no version", "GET /\r\n\r\n", 400, "malformed_request"},
        {"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "malformed_request"},
        {"space after the version", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400, "malformed_request"},
        {"a method that is no token", "G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "malformed_request"},
        {"space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400, "malformed_request"},
        {"a control character in the target", "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400,
         "malformed_request"},
        {"other octets in the target", get("Host: h\r\n", "HTTP/1.1", "/\xc3\xa4"), 400, "malformed_request"},
        {"a fragment", get("Host: h\r\n", "HTTP/1.1", "/a#b"), 400, "malformed_request"},
        {"a relative target", get("Host: h\r\n", "HTTP/1.1", "a/b"), 400, "malformed_request"},
        {"* without OPTIONS", get("Host: h\r\n", "HTTP/1.1", "*"), 400, "malformed_request"},
        {"another scheme", get("Host: h\r\n", "HTTP/1.1", "ftp://h/"), 400, "malformed_request"},
        {"CONNECT", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 501, "method_not_implemented"},
        {"HTTP/2.0", get("Host: h\r\n", "HTTP/2.0"), 505, "http_version_not_supported"},
        {"HTTP/0.9", get("Host: h\r\n", "HTTP/0.9"), 505, "http_version_not_supported"},
        {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http_version_not_supported"},
        {"http/1.1", get("Host: h\r\n", "http/1.1"), 400, "malformed_request"},
        {"HTTP/1.10", get("Host: h\r\n", "HTTP/1.10"), 400, "malformed_request"},
        {"HTTPS/1.1", get("Host: h\r\n", "HTTPS/1.1"), 400, "malformed_request"},
        {"TLS", std::string("\x16\x03\x01\x02", 4), 400, "malformed_request"},
        {"another expectation", get("Host: h\r\nExpect: 200-ok\r\n"), 417, "expectation_failed"},
        {"a chunk size that is no number", chunked("g\r\n"), 400, "malformed_request"},
        {"a chunk size with 0x", chunked("0x1\r\na\r\n"), 400, "malformed_request"},
        {"a negative chunk size", chunked("-1\r\n"), 400, "malformed_request"},
        {"a chunk size beyond 64 bits", chunked("10000000000000001\r\n"), 413, "too_large"},
        {"space after a chunk size", chunked("1 \r\na\r\n0\r\n\r\n"), 400, "malformed_request"},
        {"a chunk line with a bare line feed", chunked("1\na\r\n0\r\n\r\n"), 400, "malformed_request"},
        {"a chunk longer than its size", chunked("1\r\nab\r\n0\r\n\r\n"), 400, "malformed_request"},
        {"a bad chunk extension", chunked("1;a\x01\r\na\r\n0\r\n\r\n"), 400, "malformed_request"},
        {"a trailer without a colon", chunked("0\r\nX\r\n\r\n"), 400, "malformed_request"},
        {"a folded trailer", chunked("0\r\nX: y\r\n z\r\n\r\n"), 400, "malformed_request"},
        {"a trailer with space before its colon", chunked("0\r\nX : y\r\n\r\n"), 400, "malformed_request"},
        {"a huge chunk", chunked("ffffffffffffffff\r\n"), 413, "too_large"},
        {"chunks that add up", chunked("186A0\r\n" + std::string(100'000, 'x') + "\r\n1\r\n"), 413,
         "too_large"},
        {"a long chunk line", chunked("1;" + std::string(20'000, 'a')), 431, "headers_too_large"},
        {"large trailers", chunked("0\r\n" + std::string(20'000, 'a')), 431, "headers_too_large"},
        {"a length over the limit", get("Host: h\r\nContent-Length: 100001\r\n"), 413, "too_large"},
        {"a long target", "GET /" + std::string(1'100, 'a'), 414, "uri_too_long"},
        {"a long target with all that follows",
         "GET /" + std::string(1'100, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414, "uri_too_long"},
        {"two Content-Types", get("Host: h\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n"), 400,
         "malformed_request"},
        {"the same Content-Type twice", get("Host: h\r\nContent-Type: a/b\r\ncontent-type: a/b\r\n"), 400,
         "malformed_request"},
        {"a long method", std::string(1'100, 'A'), 414, "uri_too_long"},
        {"long headers", "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(1'100, 'a'), 431,
         "headers_too_large"},
        {"long headers at once", get("Host: h\r\nX: " + std::string(1'100, 'a') + "\r\n"), 431,
         "headers_too_large"},
    };
    for (const auto& row : table)
        for (const std::size_t piece : {std::string::npos, std::size_t{1}, std::size_t{7}}) {
            CAPTURE(row.why);
            CAPTURE(piece);
            const outcome o = read(row.octets, {.piece = piece});
            CHECK(o.status == row.status);
            CHECK(o.code == row.code);
            CHECK(o.requests.empty());
        }
}

TEST_CASE("more header fields than anyone sends are refused") {
    std::string headers = "Host: h\r\n";
    for (int i = 0; i < 127; ++i)
        headers += "a:b\r\n";
    CHECK(read(get(headers), {.limits = {4'096, 1}}).requests.size() == 1);
    CHECK(read(get(headers + "a:b\r\n"), {.limits = {4'096, 1}}).status == 431);
}

TEST_CASE("what is well formed is read, however it arrives") {
    const std::string large(70'000, 'b');
    const struct {
        const char* why;
        std::string octets;
        std::vector<std::string> requests;
        bool keep_alive;
    } table[] = {
        {"plain", get("Host: h\r\n"), {"GET /? "}, true},
        {"empty Host", get("Host:\r\n"), {"GET /? "}, true},
        {"Host of IPv6", get("Host: [::1]:8080\r\n"), {"GET /? "}, true},
        {"lines before the request", "\r\n\r\n" + get("Host: h\r\n"), {"GET /? "}, true},
        {"HTTP/1.0", get("", "HTTP/1.0"), {"GET /? "}, false},
        {"HTTP/1.0 that stays", get("Connection: keep-alive\r\n", "HTTP/1.0"), {"GET /? "}, true},
        {"close", get("Host: h\r\nConnection: Close\r\n"), {"GET /? "}, false},
        {"close among others", get("Host: h\r\nConnection: x, close\r\n"), {"GET /? "}, false},
        {"a query", get("Host: h\r\n", "HTTP/1.1", "/a/b?c=d?e"), {"GET /a/b?c=d?e "}, true},
        {"an absolute target", get("Host: h\r\n", "HTTP/1.1", "http://h:1/a?b"), {"GET /a?b "}, true},
        {"an absolute target without path", get("Host: h\r\n", "HTTP/1.1", "HTTP://h"), {"GET /? "}, true},
        {"an absolute target, query alone", get("Host: h\r\n", "HTTP/1.1", "http://h?q"), {"GET /?q "}, true},
        {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", {"OPTIONS *? "}, true},
        {"values with other octets", get("Host: h\r\nX: \xc3\xa4\t\xff\r\n"), {"GET /? "}, true},
        {"no space after the colon", get("Host:h\r\nX:y\r\n"), {"GET /? "}, true},
        {"a body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", {"POST /? hello"}, true},
        {"no body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", {"POST /? "}, true},
        {"leading zeros",
         "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 005\r\n\r\nhello",
         {"POST /? hello"},
         true},
        {"a large body",
         "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n" + large,
         {"POST /? " + large},
         true},
        {"chunks",
         chunked("5\r\nhello\r\n1 ;a=b;c=\"d;\\\"e\"\r\n \r\n005\r\nworld\r\n0\r\nX-T: y\r\n\r\n"),
         {"POST /? hello world"},
         true},
        {"an empty chunked body", chunked("0\r\n\r\n"), {"POST /? "}, true},
        {"large chunks",
         chunked("4\r\nhead\r\n11170\r\n" + large + "\r\n0\r\n\r\n"),
         {"POST /? head" + large},
         true},
        {"two requests",
         get("Host: h\r\n") + get("Host: h\r\n", "HTTP/1.1", "/2"),
         {"GET /? ", "GET /2? "},
         true},
        {"a body, chunks, a large body and none",
         "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" + chunked("2\r\nhi\r\n0\r\n\r\n") +
             "POST /3 HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n" + large +
             get("Host: h\r\n", "HTTP/1.1", "/4"),
         {"POST /1? hello", "POST /? hi", "POST /3? " + large, "GET /4? "},
         true},
    };
    for (const auto& row : table)
        for (const std::size_t piece :
             {std::string::npos, std::size_t{1}, std::size_t{2}, std::size_t{13}, std::size_t{4'096}}) {
            CAPTURE(row.why);
            CAPTURE(piece);
            const outcome o = read(row.octets, {.piece = piece});
            CHECK(o.status == 0);
            CHECK(o.requests == row.requests);
            CHECK(o.keep_alive == row.keep_alive);
        }
}

TEST_CASE("a hundred requests that meet the buffer's end at every place") {
    std::string octets;
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < 300; ++i) {
        const std::string body(i, 'x');
        octets += "POST /" + std::to_string(i) +
                  " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(i) + "\r\n\r\n" + body;
        expected.push_back("POST /" + std::to_string(i) + "? " + body);
        octets += chunked("1\r\na\r\n0\r\n\r\n");
        expected.emplace_back("POST /? a");
    }
    CHECK(read(octets).requests == expected);
    CHECK(read(octets, {.piece = 1'000}).requests == expected);
}

TEST_CASE("headers up to their limit are read, also over the first buffer's size") {
    for (const std::size_t limit :
         {std::size_t{1'024}, std::size_t{8'128}, std::size_t{16'384}, std::size_t{65'536}}) {
        const std::string rest = get("Host: h\r\nX: \r\n");
        const std::string fits = get("Host: h\r\nX: " + std::string(limit - rest.size(), 'a') + "\r\n");
        REQUIRE(fits.size() == limit);
        CHECK(read(fits, {.limits = {limit, 1}}).requests.size() == 1);
        CHECK(read(fits, {.limits = {limit, 1}, .piece = 1}).requests.size() == 1);
        const std::string over = get("Host: h\r\nX: " + std::string(limit + 1 - rest.size(), 'a') + "\r\n");
        CHECK(read(over, {.limits = {limit, 1}}).status == 431);
    }
}

TEST_CASE("a chunked body behind headers that fill the buffer") {
    const std::string octets = "POST / HTTP/1.1\r\nHost: h\r\nX: " + std::string(8'000, 'a') +
                               "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    CHECK(read(octets, {.limits = {16'384, 100}}).requests == std::vector<std::string>{"POST /? abc"});
}

TEST_CASE("framing that is mostly padding is refused") {
    std::string padded;
    std::string plain;
    for (int i = 0; i < 2'000; ++i) {
        padded += "1;padding=0123456789\r\nx\r\n";
        plain += "1\r\nx\r\n";
    }
    CHECK(read(chunked(padded + "0\r\n\r\n")).status == 431);
    CHECK(read(chunked(plain + "0\r\n\r\n")).requests.size() == 1);
}

TEST_CASE("bodies count until they are answered, and only where they take memory of their own") {
    const auto sized = [](std::size_t n) {
        return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(n) + "\r\n\r\n" +
               std::string(n, 'x');
    };
    CHECK(read(sized(7'000)).most_buffered == 0);
    CHECK(read(sized(60'000)).most_buffered == 60'000);
    CHECK(read(sized(100'000)).most_buffered == 100'000);
    CHECK(read("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n").most_buffered == 65'536);
    CHECK(read(sized(60'000), {.budget = 60'000}).requests.size() == 1);
    const outcome over = read(sized(60'000), {.budget = 59'999});
    CHECK(over.status == 503);
    CHECK(over.code == "overloaded");
    CHECK(read(sized(100'000), {.budget = 70'000}).status == 503);
    CHECK(read(chunked("186A0\r\n" + std::string(100'000, 'x')), {.budget = 70'000}).status == 503);
}

TEST_CASE("a client that expects 100 Continue is told once, and only while it waits") {
    std::atomic<std::uint64_t> used{0};
    body_budget budget(1'000, used);
    const auto asks = [&](std::string_view octets) {
        message_reader reader({1'024, 1'000}, budget);
        const std::span<char> room = reader.prepare();
        std::memcpy(room.data(), octets.data(), octets.size());
        reader.commit(octets.size());
        reader.advance();
        const bool first = reader.take_continue();
        CHECK(!reader.take_continue());
        return first;
    };
    CHECK(asks("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"));
    CHECK(asks("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"));
    CHECK(!asks("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nx"));
    CHECK(!asks("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n"));
    CHECK(!asks("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"));
    CHECK(!asks("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n"));
}

// What is refused and with which status, however the octets arrive.
#include "reader_outcome.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

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
        {"identity", get("Host: h\r\nTransfer-Encoding: identity\r\n"), 400, "malformed_request"},
        {"xchunked", get("Host: h\r\nTransfer-Encoding: xchunked\r\n"), 400, "malformed_request"},
        {"chunked with a parameter", get("Host: h\r\nTransfer-Encoding: chunked;a=b\r\n"), 400,
         "malformed_request"},
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
        {"another host in the target", get("Host: a\r\n", "HTTP/1.1", "http://b/"), 400, "malformed_request"},
        {"another port in the target", get("Host: a\r\n", "HTTP/1.1", "http://a:80/"), 400,
         "malformed_request"},
        {"chunked before another coding", get("Host: h\r\nTransfer-Encoding: chunked, gzip\r\n"), 400,
         "malformed_request"},
        {"chunked twice", get("Host: h\r\nTransfer-Encoding: chunked, chunked\r\n"), 400,
         "malformed_request"},
        {"an empty coding", get("Host: h\r\nTransfer-Encoding:\r\n"), 400, "malformed_request"},
        {"gzip alone", get("Host: h\r\nTransfer-Encoding: gzip\r\n"), 400, "malformed_request"},
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
        {"a chunk extension without a name", chunked("1;\r\na\r\n"), 400, "malformed_request"},
        {"a chunk extension without a value", chunked("1;a=\r\na\r\n"), 400, "malformed_request"},
        {"a chunk extension with two values", chunked("1;a=b c\r\na\r\n"), 400, "malformed_request"},
        {"a chunk extension that ends in a space", chunked("1;a \r\na\r\n"), 400, "malformed_request"},
        {"a chunk extension's value that ends in a space", chunked("1;a=b \r\na\r\n"), 400,
         "malformed_request"},
        {"an open quote in a chunk extension", chunked("1;a=\"b\r\na\r\n"), 400, "malformed_request"},
        {"a line in a quote of a chunk extension", chunked("1;a=\"b\nc\"\r\na\r\n"), 400,
         "malformed_request"},
        {"an escaped end in a quote of a chunk extension", chunked("1;a=\"b\\\"\r\na\r\n"), 400,
         "malformed_request"},
        {"text after a quote in a chunk extension", chunked("1;a=\"b\"c\r\na\r\n"), 400, "malformed_request"},
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
        {"long headers, and then a bare LF",
         "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(1'100, 'a') + "\n\r\n", 431, "headers_too_large"},
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

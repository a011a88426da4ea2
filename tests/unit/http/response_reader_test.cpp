// Where an answer ends, and what of it counts; whole, and octet by octet.
#include "response_reader.hpp"

#include <doctest/doctest.h>

#include <string>

using millrace::http::response_reader;
using phase = response_reader::phase;

namespace {

constexpr response_reader::limits small{200, 100, 10};

struct row {
    std::string octets;
    phase end = phase::complete;
    unsigned status = 200;
    std::string body;
    bool reusable = true;
    std::string retry_after;
};

void check(const row& r, response_reader& reader) {
    CHECK(reader.current() == r.end);
    CHECK(reader.status() == r.status);
    CHECK(reader.body() == r.body);
    CHECK(reader.retry_after() == r.retry_after);
    if (r.end == phase::complete)
        CHECK(reader.reusable() == r.reusable);
    CHECK(reader.fault().empty() == (r.end != phase::failed));
}

} // namespace

TEST_CASE("answers, in one piece and in many") {
    const std::string long_body(80, 'x');
    const row rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", phase::complete, 200, "hi"},
        {"HTTP/1.1 204 No Content\r\n\r\n", phase::complete, 204},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", phase::complete, 304},
        {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"},
        {"HTTP/1.1 429 Slow\r\nretry-after: 7\r\nContent-Length: 0\r\n\r\n", phase::complete, 429, "", true,
         "7"},
        {"HTTP/1.1 503 x\r\nContent-Length: 80\r\n\r\n" + long_body, phase::complete, 503, "xxxxxxxxxx"},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", phase::complete, 200, "",
         false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", phase::complete, 200, "", false},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n",
         phase::complete, 200, "abcde"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 201 "
         "Made\r\nContent-Length: 0\r\n\r\n",
         phase::complete, 201},
        // more than was asked for
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi!", phase::complete, 200, "hi", false},
        {"HTTP/1.1 204 x\r\n\r\nHTTP/1.1 204 x\r\n\r\n", phase::complete, 204, "", false},
        // too large to be read: it counts all the same
        {"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + long_body + long_body, phase::complete, 200,
         "xxxxxxxxxx", false},
        {"HTTP/1.1 200 OK\r\n\r\n" + long_body + long_body, phase::complete, 200, "xxxxxxxxxx", false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", phase::complete, 200, "",
         false},
        // not all of it
        {"HTTP/1.1 200 OK\r\nContent-Le", phase::head, 0},
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", phase::body, 200, "hi"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", phase::body, 200, "abc"},
        {"HTTP/1.1 200 OK\r\n\r\nhi", phase::body, 200, "hi"},
        {"HTTP/1.1 100 Continue\r\n\r\n", phase::head, 0},
        // no answer
        {"220 mail.example ESMTP\r\n\r\n", phase::failed, 0},
        {"HTTP/2 200\r\n\r\n", phase::failed, 0},
        {"HTTP/1.1 101 Switching Protocols\r\n\r\n", phase::failed, 0},
        {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", phase::failed, 0},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", phase::failed, 0},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n", phase::failed, 200},
        {"HTTP/1.1 200 OK\r\nX: " + long_body + long_body + long_body + "\r\n\r\n", phase::failed, 0},
        {"HTTP/1.1 200 OK\r\nX: " + long_body + long_body + long_body, phase::failed, 0},
    };
    for (const row& r : rows) {
        CAPTURE(r.octets);
        response_reader whole(small);
        CHECK_FALSE(whole.begun());
        whole.feed(r.octets);
        CHECK(whole.begun());
        check(r, whole);
        response_reader pieces(small);
        for (const char c : r.octets)
            if (pieces.current() != phase::failed)
                pieces.feed({&c, 1});
        check(r, pieces);
    }
}

TEST_CASE("the end of the connection is the end of a body that says no other, and of nothing else") {
    response_reader reader(small);
    reader.feed("HTTP/1.1 200 OK\r\n\r\nhi");
    CHECK(reader.end() == phase::complete);
    CHECK_FALSE(reader.reusable());
    for (const char* cut : {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
        CAPTURE(cut);
        response_reader other(small);
        other.feed(cut);
        CHECK(other.end() != phase::complete);
    }
}

TEST_CASE("interim answers are bounded") {
    response_reader reader(small);
    for (int i = 0; i < 16; ++i)
        CHECK(reader.feed("HTTP/1.1 102 Processing\r\n\r\n") == phase::head);
    CHECK(reader.feed("HTTP/1.1 102 Processing\r\n\r\n") == phase::failed);
}

TEST_CASE("one after the other") {
    response_reader reader(small);
    reader.feed("HTTP/1.1 500 Broken\r\nRetry-After: 5\r\nContent-Length: 2\r\n\r\nno");
    reader.reset();
    CHECK_FALSE(reader.begun());
    reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    CHECK(reader.status() == 200);
    CHECK(reader.retry_after().empty());
    CHECK(reader.body().empty());
}

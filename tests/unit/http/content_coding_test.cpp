// What is undone of a request's content coding, and what is refused: bombs, damage, anything after the end.
#include "millrace/http/content_coding.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <string>
#include <string_view>

namespace http = millrace::http;
using reason = http::inflater::reason;
using coding = http::content_coding;

namespace {

std::string compressed(std::string_view text, int window_bits = 15 + 16) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 32, '\0');
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string damaged(std::string bytes, std::size_t at) {
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    return bytes;
}

} // namespace

TEST_CASE("codings by name") {
    CHECK(http::content_coding_of("") == coding::identity);
    CHECK(http::content_coding_of("identity") == coding::identity);
    CHECK(http::content_coding_of("gzip") == coding::gzip);
    CHECK(http::content_coding_of("GZip") == coding::gzip);
    CHECK(http::content_coding_of("x-gzip") == coding::gzip);
    CHECK(http::content_coding_of(" gzip , ") == coding::gzip);
    CHECK(http::content_coding_of("identity, gzip") == coding::gzip);
    for (const char* unknown :
         {"br", "deflate", "zstd", "gzip, gzip", "gzip, br", "x-gzip,gzip", "gzip;q=1", "*"}) {
        CAPTURE(unknown);
        CHECK(!http::content_coding_of(unknown));
    }
}

TEST_CASE("a body comes back as it was, whatever its size") {
    http::inflater inflater;
    std::string into;
    for (const std::size_t size : {0U, 1U, 100U, 16'383U, 16'384U, 16'385U, 1'000'000U}) {
        std::string text(size, 'x');
        for (std::size_t i = 0; i < size; i += 7)
            text[i] = static_cast<char>(i * 31 >> 3);
        CAPTURE(size);
        const auto body = inflater.gunzip(compressed(text), size, into);
        REQUIRE(body.has_value());
        CHECK(*body == text);
    }
}

TEST_CASE("members follow one another, as in RFC 1952, section 2.2") {
    http::inflater inflater;
    std::string into;
    const auto body = inflater.gunzip(compressed("{\"a\"") + compressed("") + compressed(":1}"), 100, into);
    REQUIRE(body.has_value());
    CHECK(*body == "{\"a\":1}");
    CHECK(inflater.gunzip(compressed("12345") + compressed("678"), 7, into).error() == reason::too_large);
}

TEST_CASE("what is not whole, unharmed gzip is malformed") {
    http::inflater inflater;
    std::string into;
    const std::string good = compressed("the quick brown fox jumps over the lazy dog");
    const auto refused = [&](const std::string& body) {
        const auto result = inflater.gunzip(body, 1000, into);
        return result.has_error() && result.error() == reason::malformed;
    };
    CHECK(refused(""));
    CHECK(refused("{\"plain\": true}"));
    CHECK(refused(compressed("zlib", 15)));
    CHECK(refused(compressed("raw deflate", -15)));
    CHECK(refused(good + "x"));
    CHECK(refused(good + std::string(8, '\0')));
    CHECK(refused(good + good.substr(0, good.size() - 1)));
    CHECK(refused(damaged(good, good.size() - 8))); // CRC32
    CHECK(refused(damaged(good, good.size() - 4))); // ISIZE
    CHECK(refused(damaged(good, 2)));               // CM
    for (std::size_t size = 0; size < good.size(); ++size) {
        CAPTURE(size);
        CHECK(refused(good.substr(0, size)));
    }
    CHECK(inflater.gunzip(good, 1000, into).has_value()); // none of which it remembers
}

TEST_CASE("a bomb is left at the first byte too many, in little memory") {
    http::inflater inflater;
    std::string into;
    const std::string bomb = compressed(std::string(64 << 20, '\0'));
    REQUIRE(bomb.size() < 100'000);
    CHECK(inflater.gunzip(bomb, 1 << 20, into).error() == reason::too_large);
    CHECK(into.capacity() <= (2 << 20));
    CHECK(inflater.gunzip(compressed("12345"), 4, into).error() == reason::too_large);
    CHECK(inflater.gunzip(compressed("1234"), 4, into).has_value());
    CHECK(inflater.gunzip(compressed("1"), 0, into).error() == reason::too_large);
    CHECK(inflater.gunzip(compressed(""), 0, into).has_value());

    std::string members; // each small, all together not
    for (int i = 0; i < 1000; ++i)
        members += compressed(std::string(10'000, 'x'));
    CHECK(inflater.gunzip(members, 1 << 20, into).error() == reason::too_large);
}

TEST_CASE("a large body's memory is not kept") {
    http::inflater inflater;
    std::string into;
    REQUIRE(inflater.gunzip(compressed(std::string(4 << 20, 'x')), 8 << 20, into).has_value());
    REQUIRE(inflater.gunzip(compressed("x"), 8 << 20, into).has_value());
    CHECK(into.capacity() < (1 << 20));
}

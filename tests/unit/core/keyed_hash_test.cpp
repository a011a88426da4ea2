// The hash by which events and clients are known.
#include "millrace/core/keyed_hash.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace millrace;

namespace {

constexpr hash_secret secret{1, 2};

} // namespace

TEST_CASE("the keyed hash is SipHash-2-4 with 128 bits") {
    // From OpenSSL's SIPHASH with size 16, as the authors' vectors_sip128: key 00 01 .. 0f, input 00 01 02
    // ...
    constexpr hash_secret of_vectors{0x0706050403020100, 0x0f0e0d0c0b0a0908};
    struct row {
        std::size_t words;
        hash128 hash;
    };
    for (const row& r :
         {row{0, {0xe6a825ba047f81a3, 0x930255c71472f66d}}, row{1, {0x61f55862baa9623b, 0xb49714f364e2830f}},
          row{2, {0xbb54b067caa4e26e, 0x77052385bf1533fd}}, row{3, {0xd850bd78ae79b42d, 0xad32618a178a2a88}},
          row{8, {0x3fcdd4c07d07af1e, 0x4ba75836384dad8c}}}) {
        keyed_hash hash(of_vectors);
        for (std::uint64_t w = 0; w < r.words; ++w) {
            std::uint64_t word = 0;
            for (std::uint64_t octet = 0; octet < 8; ++octet)
                word |= (w * 8 + octet) << (octet * 8);
            hash.word(word);
        }
        CHECK(hash.finish() == r.hash);
    }
}

TEST_CASE("texts of the hash do not run into each other, and every octet counts") {
    const auto hash = [](const std::vector<std::string>& texts) {
        keyed_hash h(secret);
        for (const std::string& t : texts)
            h.text(t);
        return h.finish();
    };
    const std::vector<std::vector<std::string>> all = {{"ab", "c"},
                                                       {"a", "bc"},
                                                       {"abc"},
                                                       {"abc", ""},
                                                       {"", "abc"},
                                                       {},
                                                       {""},
                                                       {std::string(1, '\0')},
                                                       {std::string(8, '\0')},
                                                       {std::string(9, '\0')},
                                                       {"12345678"},
                                                       {"123456789"},
                                                       {"12345678", "9"}};
    std::vector<hash128> seen;
    for (const auto& texts : all) {
        const hash128 h = hash(texts);
        CHECK(std::ranges::find(seen, h) == seen.end());
        seen.push_back(h);
    }
    for (std::size_t size = 0; size < 20; ++size)
        for (std::size_t at = 0; at < size; ++at) {
            std::string changed(size, 'x');
            changed[at] = 'y';
            CHECK(hash({changed}) != hash({std::string(size, 'x')}));
        }
}

TEST_CASE("a text is its size and its octets as words, the last one filled up with zeros") {
    std::string text;
    for (int size = 0; size < 33; ++size) {
        CAPTURE(size);
        keyed_hash words(secret);
        words.word(text.size());
        for (std::size_t at = 0; at < text.size(); at += 8) {
            std::uint64_t word = 0;
            for (std::size_t i = at; i < std::min(at + 8, text.size()); ++i)
                word |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * (i - at));
            words.word(word);
        }
        const std::string copy = "before" + text + "after"; // what lies around it does not count
        CHECK(keyed_hash(secret).text(std::string_view(copy).substr(6, text.size())).finish() ==
              words.finish());
        text.push_back(static_cast<char>(0xff - size));
    }
}

TEST_CASE("each secret is another") {
    CHECK(hash_secret::random().low != hash_secret::random().low);
}

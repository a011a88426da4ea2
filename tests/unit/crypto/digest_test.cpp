// Hashes and keyed hashes against the vectors of their standards.
#include "millrace/crypto/digest.hpp"
#include "millrace/crypto/encoding.hpp"
#include "millrace/crypto/hmac.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace millrace::crypto;

namespace {

std::string hex_of(const digest256& digest) {
    return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

} // namespace

TEST_CASE("SHA-256: the examples of FIPS 180-4") {
    CHECK(hex_of(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex_of(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex_of(sha256("abc")) == hex_of(sha256(std::string("abc"))));
}

TEST_CASE("HMAC: test cases of RFC 4231 and RFC 2202") {
    struct row {
        hash with;
        std::string key;
        const char* message;
        const char* signature;
    };
    const row rows[] = {
        {hash::sha256, std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {hash::sha256, "Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {hash::sha256, std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {hash::sha384, "Jefe", "what do ya want for nothing?",
         "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"},
        {hash::sha512, "Jefe", "what do ya want for nothing?",
         "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
         "caeab1a34d4a6b4b636e070a38bce737"},
        {hash::sha1, "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    };
    for (const row& r : rows) {
        CAPTURE(r.message);
        const hmac key(r.with, r.key);
        CHECK(to_hex(key.sign({r.message})) == r.signature);
        const std::string whole = r.message;
        CHECK(key.verify({whole.substr(0, 3), whole.substr(3)}, *from_hex(r.signature)));
        CHECK_FALSE(key.verify({whole + "x"}, *from_hex(r.signature)));
        CHECK_FALSE(key.verify({whole}, from_hex(r.signature)->substr(1)));
    }
}

TEST_CASE("an empty key is a key, and signs differently from another") {
    CHECK(to_hex(hmac(hash::sha256, "").sign({""})) ==
          "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    CHECK(hmac(hash::sha256, "").sign({""}) != hmac(hash::sha256, "k").sign({""}));
}

TEST_CASE("comparison: equal, different, of different lengths") {
    CHECK(equal_in_constant_time("", ""));
    CHECK(equal_in_constant_time("abc", "abc"));
    CHECK_FALSE(equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(equal_in_constant_time("abc", "abcd"));
}

TEST_CASE("hashes by name") {
    CHECK(hash_named("sha256") == hash::sha256);
    CHECK(hash_named("sha1") == hash::sha1);
    CHECK_FALSE(hash_named("md5"));
    CHECK_FALSE(hash_named("SHA256"));
}

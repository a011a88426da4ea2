// Signatures: the examples of RFC 7515 (RS256, ES256) and RFC 8037 (Ed25519), and what must not verify.
#include "millrace/crypto/encoding.hpp"
#include "millrace/crypto/public_key.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace millrace::crypto;

namespace {

std::string raw(std::string_view base64url) {
    auto bytes = from_base64url(base64url);
    REQUIRE(bytes);
    return *bytes;
}

struct example {
    std::optional<public_key> key;
    std::string message;
    std::string signature;
};

// RFC 7515, appendix A.2.
example rs256() {
    return {public_key::rsa(raw("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
                                "4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR"
                                "T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
                                "bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KX"
                                "BdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_"
                                "I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9"
                                "iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"),
                            raw("AQAB")),
            "eyJhbGciOiJSUzI1NiJ9."
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb29"
            "0Ijp0cnVlfQ",
            raw("cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
                "O8W2Fp5jujGbds9uJdb"
                "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
                "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN938"
                "3LcOLn6_dO--xi12jzDwusC-"
                "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWk"
                "WywlVmtVrBp0igcN_IoypGlUPQGe77Rw")};
}

// RFC 7515, appendix A.3.
example es256() {
    return {public_key::p256(raw("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                             raw("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")),
            "eyJhbGciOiJFUzI1NiJ9."
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb29"
            "0Ijp0cnVlfQ",
            raw("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")};
}

// RFC 8037, appendix A.4.
example eddsa() {
    return {public_key::ed25519(raw("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
            raw("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")};
}

} // namespace

TEST_CASE("the standards' examples verify; one bit of message or signature changed, or some of it missing, "
          "do not") {
    for (example e : {rs256(), es256(), eddsa()}) {
        REQUIRE(e.key);
        CAPTURE(static_cast<int>(e.key->type()));
        CHECK(e.key->verify(e.message, e.signature));
        CHECK_FALSE(e.key->verify(e.message + "x", e.signature));
        CHECK_FALSE(e.key->verify(e.message, e.signature.substr(1)));
        CHECK_FALSE(e.key->verify(e.message, e.signature + '\0'));
        CHECK_FALSE(e.key->verify(e.message, ""));
        for (const std::size_t at : {std::size_t{0}, e.signature.size() / 2, e.signature.size() - 1}) {
            std::string changed = e.signature;
            changed[at] = static_cast<char>(changed[at] ^ 1);
            CHECK_FALSE(e.key->verify(e.message, changed));
        }
    }
}

TEST_CASE("a signature of zeros is none") {
    CHECK_FALSE(es256().key->verify(es256().message, std::string(64, '\0')));
    CHECK_FALSE(eddsa().key->verify(eddsa().message, std::string(64, '\0')));
}

TEST_CASE("a key verifies its own scheme only") {
    CHECK_FALSE(es256().key->verify(eddsa().message, eddsa().signature));
    CHECK_FALSE(eddsa().key->verify(es256().message, es256().signature));
    CHECK_FALSE(rs256().key->verify(es256().message, es256().signature));
}

TEST_CASE("numbers that are no key") {
    CHECK_FALSE(public_key::p256(std::string(32, '\1'), std::string(32, '\1'))); // not on the curve
    CHECK_FALSE(public_key::p256(std::string(31, '\1'), std::string(32, '\1')));
    CHECK_FALSE(public_key::ed25519(std::string(31, '\1')));
    CHECK_FALSE(public_key::rsa(std::string(128, '\xff'), "\x01\x00\x01")); // 1024 bits
    CHECK_FALSE(public_key::rsa("", ""));
    const std::string modulus(256, '\xff');
    CHECK_FALSE(public_key::rsa(modulus, "\x01"));
    CHECK_FALSE(public_key::rsa(modulus, "\x02"));
    CHECK_FALSE(public_key::rsa(std::string(4096, '\xff'), "\x03"));
}

// What the tests of access share: configurations, key sets, tokens, and a client with its loop's memory.
#pragma once

#include "access.hpp"

#include "millrace/crypto/encoding.hpp"
#include "token_signer.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>
#include <unistd.h>

namespace millrace::test {

using namespace ingress;
using nlohmann::json;

inline constexpr std::int64_t now_s = 1'900'000'000;

inline std::string sha256_hex(std::string_view key) {
    const auto digest = crypto::sha256(key);
    return crypto::to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

/// A file of this test that goes with it.
class scratch_file {
  public:
    explicit scratch_file(const std::string& text)
        : path_("/tmp/millrace_access_test." + std::to_string(getpid())) {
        std::ofstream(path_) << text;
    }
    ~scratch_file() { std::remove(path_.c_str()); }
    scratch_file(const scratch_file&) = delete;
    scratch_file& operator=(const scratch_file&) = delete;

    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

inline scratch_file key_set() {
    json jwk = token_signer::ec().jwk();
    jwk["kid"] = "c";
    return scratch_file(json{{"keys", {jwk}}}.dump());
}

inline std::string token(json claims) {
    claims.emplace("sub", "alice");
    claims.emplace("exp", now_s + 300);
    return "Bearer " + token_signer::ec().sign(R"({"alg":"ES256","kid":"c"})", claims.dump());
}

inline settings::file with_keys() {
    settings::file f;
    f.auth.keys["checkout"] = {.sha256 = sha256_hex("secret-1"), .topics = {"orders"}};
    f.auth.keys["admin"] = {.sha256 = sha256_hex("secret-2")};
    return f;
}

inline std::shared_ptr<const access_rules> rules_of(const settings::file& f,
                                                    const access_rules* before = nullptr) {
    auto made = access_rules::make(f, before);
    for (const auto& error : made.errors)
        MESSAGE(error);
    REQUIRE(made.rules);
    return made.rules;
}

struct outcome {
    unsigned status = 200;
    std::string poster;
    std::string detail;
    std::string challenge;
    unsigned retry_after = 0;
};

/// A client with its memory of tokens, as a loop has it.
struct client {
    std::shared_ptr<const access_rules> rules;
    std::string peer = "192.0.2.1";
    std::string certificate = {};
    std::int64_t at_ms = 0;
    access_memory memory = {};

    outcome post(std::string_view topic, const std::vector<field>& headers) {
        http::request request;
        request.peer = peer;
        request.headers = headers;
        const verdict v = rules->check({.request = request,
                                        .topic = topic,
                                        .certificate = certificate,
                                        .now = {now_s * 1'000 + at_ms},
                                        .steady_now = steady_time(milliseconds(3'600'000 + at_ms))},
                                       memory);
        if (!v.refusal) // what is refused names nobody
            return {.poster = std::string(v.poster)};
        CHECK(v.poster.empty());
        outcome out{.status = v.refusal->status,
                    .detail = v.refusal->detail,
                    .retry_after = v.refusal->retry_after_s};
        for (const auto& [name, value] : v.refusal->headers)
            if (name == "WWW-Authenticate")
                out.challenge = value;
        return out;
    }
    outcome with_key(std::string_view key, std::string_view topic = "orders") {
        return post(topic, {{"X-API-Key", key}});
    }
    outcome bearing(std::string_view authorization, std::string_view topic = "orders") {
        return post(topic, {{"Content-Type", "application/json"}, {"Authorization", authorization}});
    }
};

} // namespace millrace::test

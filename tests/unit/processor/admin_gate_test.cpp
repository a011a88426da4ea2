// Who may redrive, pause and resume: the token, and no web page of another origin.
#include "admin_gate.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace millrace;
using processor::admin_gate;

namespace {

struct row {
    const char* what;
    const char* listen;
    const char* token;
    std::vector<field> headers;
    unsigned status; ///< 0: it may
    const char* code = "";
};

} // namespace

TEST_CASE("who may pass the gate") {
    const field host{"Host", "127.0.0.1:8090"};
    const field right{"Authorization", "Bearer s3cret"};
    const std::vector<row> rows = {
        {"anybody on loopback", "127.0.0.1:8090", "", {host}, 0},
        {"by name", "localhost:8090", "", {host}, 0},
        {"by IPv6", "[::1]:8090", "", {{"Host", "[::1]:8090"}}, 0},
        {"nobody elsewhere without a token", "0.0.0.0:8090", "", {host, right}, 403, "admin_disabled"},
        {"nor on all addresses", ":8090", "", {host}, 403, "admin_disabled"},
        {"nor on a name", "millrace.example:8090", "", {host}, 403, "admin_disabled"},
        {"who has the token", "0.0.0.0:8090", "s3cret", {host, right}, 0},
        {"the scheme in any case", "0.0.0.0:8090", "s3cret", {host, {"authorization", "bEARER s3cret"}}, 0},
        {"none", "0.0.0.0:8090", "s3cret", {host}, 401, "unauthorized"},
        {"another", "0.0.0.0:8090", "s3cret", {host, {"Authorization", "Bearer s3cre"}}, 401, "unauthorized"},
        {"a longer one",
         "0.0.0.0:8090",
         "s3cret",
         {host, {"Authorization", "Bearer s3crett"}},
         401,
         "unauthorized"},
        {"another scheme",
         "0.0.0.0:8090",
         "s3cret",
         {host, {"Authorization", "Basic s3cret"}},
         401,
         "unauthorized"},
        {"as an API key", "0.0.0.0:8090", "s3cret", {host, {"X-API-Key", "s3cret"}}, 401, "unauthorized"},
        {"twice", "0.0.0.0:8090", "s3cret", {host, right, right}, 401, "unauthorized"},
        {"a token counts on loopback too", "127.0.0.1:8090", "s3cret", {host}, 401, "unauthorized"},
        {"our own page", "127.0.0.1:8090", "", {host, {"Origin", "http://127.0.0.1:8090"}}, 0},
        {"behind a proxy that speaks TLS",
         "0.0.0.0:8090",
         "s3cret",
         {{"Host", "status.example"}, {"Origin", "https://status.example"}, right},
         0},
        {"another page",
         "127.0.0.1:8090",
         "",
         {host, {"Origin", "https://evil.example"}},
         403,
         "foreign_origin"},
        {"another port",
         "127.0.0.1:8090",
         "",
         {host, {"Origin", "http://127.0.0.1:8080"}},
         403,
         "foreign_origin"},
        {"a page without origin", "127.0.0.1:8090", "", {host, {"Origin", "null"}}, 403, "foreign_origin"},
        {"another page with the token",
         "0.0.0.0:8090",
         "s3cret",
         {host, {"Origin", "http://x.example"}, right},
         403,
         "foreign_origin"},
        {"a name that was made to point here",
         "127.0.0.1:8090",
         "",
         {{"Host", "evil.example:8090"}, {"Origin", "http://evil.example:8090"}},
         403,
         "foreign_origin"},
        {"what the browser says of itself",
         "127.0.0.1:8090",
         "",
         {host, {"Sec-Fetch-Site", "cross-site"}},
         403,
         "foreign_origin"},
        {"and of our own page", "127.0.0.1:8090", "", {host, {"Sec-Fetch-Site", "same-origin"}}, 0}};
    for (const row& r : rows) {
        CAPTURE(r.what);
        http::request request;
        request.headers = r.headers;
        const auto refusal = admin_gate(r.listen, r.token).refusal(request);
        CHECK((refusal ? refusal->status : 0) == r.status);
        if (!refusal)
            continue;
        CHECK(refusal->code == r.code);
        CHECK_FALSE(refusal->retryable);
        CHECK((refusal->status == 401) == !refusal->headers.empty());
        CHECK(refusal->detail.find("s3cret") == std::string::npos);
    }
}

TEST_CASE("a refusal says what to configure, and how to ask") {
    const auto off = admin_gate("0.0.0.0:8090", "").refusal({});
    REQUIRE(off);
    CHECK(off->detail.find("processor.admin_token_file") != std::string::npos);
    const auto none = admin_gate("0.0.0.0:8090", "t").refusal({});
    REQUIRE(none);
    CHECK(none->headers.front() ==
          std::pair<std::string, std::string>("WWW-Authenticate", R"(Bearer realm="millrace")"));
}

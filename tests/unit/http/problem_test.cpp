// Problem details as JSON (RFC 9457), read back by another library.
#include "millrace/http/problem.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace millrace;
using namespace millrace::http;

namespace {

problem sample() {
    problem p;
    p.status = 503;
    p.code = "overloaded";
    p.title = "Overloaded";
    p.detail = "come back";
    p.retryable = true;
    p.retry_after_s = 7;
    return p;
}

class recorded final : public exchange {
  public:
    const http::request& request() const noexcept override { return request_; }
    void respond(const response& r) override {
        status = r.status;
        content_type = r.content_type;
        close = r.close;
        for (const field& h : r.headers)
            headers.append(h.name).append("=").append(h.value).append(";");
    }
    unsigned status = 0;
    std::string content_type;
    std::string headers;
    bool close = false;

  private:
    http::request request_;
};

} // namespace

TEST_CASE("the members that every problem has") {
    const auto json = nlohmann::json::parse(to_json(sample()));
    CHECK(json == nlohmann::json{{"type", "urn:problem-type:millrace:overloaded"},
                                 {"title", "Overloaded"},
                                 {"status", 503},
                                 {"detail", "come back"},
                                 {"code", "overloaded"},
                                 {"retryable", true}});
}

TEST_CASE("the body ends its line, for people in a terminal") {
    CHECK(to_json(sample()).ends_with("}\n"));
}

TEST_CASE("whatever a detail quotes, the body is JSON") {
    for (const std::string& detail : {std::string("\"quoted\" \\ \n\t\r"), std::string("nul \0 inside", 12),
                                      std::string("\x01\x1f\x7f"), std::string("bad \xff\xc0\xaf octets"),
                                      std::string("gr\xc3\xbc\xc3\x9f"), std::string("\xed\xa0\x80")}) {
        problem p = sample();
        p.detail = detail;
        p.errors = {{3, detail, detail}, {std::nullopt, "/a", "b"}};
        const auto json = nlohmann::json::parse(to_json(p));
        CHECK(json["errors"].size() == 2);
        CHECK(json["errors"][0]["index"] == 3);
        CHECK(!json["errors"][1].contains("index"));
        CHECK(json["errors"][1]["pointer"] == "/a");
        CHECK(json["errors"][1]["detail"] == "b");
    }
    problem p = sample();
    p.detail = "gr\xc3\xbc\xc3\x9f \"x\"\n";
    CHECK(nlohmann::json::parse(to_json(p))["detail"] == p.detail);
}

TEST_CASE("events are passed on as they are") {
    problem p = sample();
    p.events_json = R"([{"state":"stored"},{"state":"unknown"}])";
    CHECK(nlohmann::json::parse(to_json(p))["events"][1]["state"] == "unknown");
}

TEST_CASE("an answer carries Retry-After and the problem's own headers") {
    problem p = sample();
    p.headers.emplace_back("Allow", "GET");
    p.close = true;
    recorded e;
    respond(e, p);
    CHECK(e.status == 503);
    CHECK(e.content_type == "application/problem+json");
    CHECK(e.headers == "Allow=GET;Retry-After=7;");
    CHECK(e.close);
    p.retry_after_s = 0;
    recorded without;
    respond(without, p);
    CHECK(without.headers == "Allow=GET;");
}

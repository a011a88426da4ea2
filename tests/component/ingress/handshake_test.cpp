// OPTIONS: what is taken, and who is told that it may deliver (CloudEvents' web hooks, section 4).
#include "fixture.hpp"
#include "http_client.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::test;

TEST_CASE("a sender that is on the list is told so, and how fast; another is not") {
    running_ingress ingress([](settings::file& s) {
        s.handshake.allowed_origins = {"eventemitter.example"};
        s.handshake.rate_per_minute = 120;
    });
    http_client client(ingress.port());
    const auto ask = [&](const std::string& origin) {
        return client.request("OPTIONS", "/v1/events",
                              "WebHook-Request-Origin: " + origin + "\r\nWebHook-Request-Rate: 1000\r\n");
    };
    const http_answer known = ask("eventemitter.example");
    CHECK(known.status == 204);
    CHECK(known.headers.at("webhook-allowed-origin") == "eventemitter.example");
    CHECK(known.headers.at("webhook-allowed-rate") == "120");
    CHECK(known.headers.at("allow").find("POST") != std::string::npos);
    const http_answer unknown = ask("other.example");
    CHECK(unknown.status == 204);
    CHECK_FALSE(unknown.headers.contains("webhook-allowed-origin"));
    CHECK_FALSE(client.request("OPTIONS", "/v1/events").headers.contains("webhook-allowed-origin"));
    ingress.reload([](settings::file& s) { s.handshake.allowed_origins.clear(); });
    CHECK(
        eventually([&] { return !ask("eventemitter.example").headers.contains("webhook-allowed-origin"); }));
}

TEST_CASE("who has no credentials does not learn which topics there are") {
    running_ingress ingress(
        [](settings::file& s) { s.auth.keys["shop"] = {.sha256 = std::string(64, 'a')}; });
    http_client client(ingress.port());
    for (const char* topic : {"events", "nothing", "%zz"}) {
        CAPTURE(topic);
        const http_answer refused = client.request("POST", "/v1/topics/" + std::string(topic) + "/events",
                                                   "Content-Type: application/json\r\n", "{}");
        CHECK(refused.status == (std::string(topic) == "%zz" ? 400 : 401));
    }
}

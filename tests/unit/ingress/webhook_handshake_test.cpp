// The validation handshake of CloudEvents' web hooks, section 4, by a table.
#include "webhook_handshake.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace millrace;
using namespace millrace::ingress;

namespace {

const handshake_policy nobody{};
const handshake_policy anybody{.origins = {"*"}};
const handshake_policy one{.origins = {"eventemitter.example.com"}, .rate_per_minute = 600};

std::string answer(const std::vector<field>& headers, const handshake_policy& policy) {
    std::string said;
    for (const auto& [name, value] : handshake_headers(headers, policy))
        said += std::string(name) + ": " + value + "; ";
    return said;
}

} // namespace

TEST_CASE("who may deliver, and how fast") {
    const field origin{"WebHook-Request-Origin", "eventemitter.example.com"};
    const auto rate = [](std::string_view value) { return field{"webhook-request-rate", value}; };
    const std::string granted = "WebHook-Allowed-Origin: eventemitter.example.com; WebHook-Allowed-Rate: ";

    CHECK(answer({origin}, one) == granted + "600; ");
    CHECK(answer({origin, rate("120")}, one) == granted + "120; ");
    CHECK(answer({origin, rate("1200")}, one) == granted + "600; ");
    for (const std::string_view wrong : {"0", "-1", "", "ten", "120.5", "99999999999"})
        CHECK(answer({origin, rate(wrong)}, one) == granted + "600; ");
    CHECK(answer({origin, rate("120")}, anybody) == "WebHook-Allowed-Origin: *; WebHook-Allowed-Rate: *; ");
    CHECK(answer({{"webhook-request-origin", " EventEmitter.example.com "}}, one) ==
          "WebHook-Allowed-Origin: EventEmitter.example.com; WebHook-Allowed-Rate: 600; ");
    CHECK(answer({origin, {"WebHook-Request-Callback", "https://example.com/confirm?id=1"}}, one) ==
          granted + "600; ");
}

TEST_CASE("who may not, and who does not ask, hears nothing of it") {
    const field origin{"WebHook-Request-Origin", "eventemitter.example.com"};
    CHECK(answer({origin}, nobody).empty());
    CHECK(answer({}, anybody).empty());
    CHECK(answer({{"Origin", "https://example.com"}}, anybody).empty());
    CHECK(answer({{"WebHook-Request-Origin", "other.example.com"}}, one).empty());
    CHECK(answer({{"WebHook-Request-Origin", "sub.eventemitter.example.com"}}, one).empty());
    CHECK(answer({origin, origin}, one).empty());
    for (const std::string_view illegal : {"", "a b", "a\"b", "a\xc3\xa9.example", "https://a.example"})
        CHECK(answer({{"WebHook-Request-Origin", illegal}}, anybody).empty());
    CHECK(answer({{"WebHook-Request-Origin", std::string(300, 'a')}}, anybody).empty());
}

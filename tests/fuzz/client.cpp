// Who a request came from and what it may: headers of proxies, addresses, ranges, idempotency keys, origins.
// Input: the peer's address, a block, headers.
#include "client_address.hpp"
#include "cors.hpp"
#include "fuzz.hpp"
#include "millrace/core/text.hpp"
#include "millrace/event/idempotency_key.hpp"
#include "webhook_handshake.hpp"

#include <string>

using namespace millrace;
using namespace millrace::ingress;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::input in = fuzz::read(data, size);
    const std::vector<field> headers = in.fields(2);
    http::request request;
    request.method = "OPTIONS";
    request.peer = in.line(0);
    request.headers = headers;

    address_blocks trusted;
    const auto wrong = trusted.add(in.line(1));
    fuzz::expect(trusted.empty() == wrong.has_value(), "a block is taken, or it is said why not");
    const ip_address client = client_address(request, trusted);
    const auto peer = parse_address(request.peer);
    if (peer && !trusted.contains(*peer))
        fuzz::expect(client == *peer, "who is not trusted speaks for nobody else");

    static const cors pages(settings::cors{.allowed_origins = {"https://shop.example"}});
    const cors::answer_headers answered = pages.of_answer(request); // outlives the span of it
    for (const field& h : answered.span())
        fuzz::expect(h.name != "Access-Control-Allow-Origin" || h.value == "https://shop.example",
                     "no other origin is let in");
    static const handshake_policy senders{.origins = {"events.example"}, .rate_per_minute = 60};
    for (const auto& [name, value] : handshake_headers(headers, senders))
        fuzz::expect(name != "WebHook-Allowed-Origin" || iequals(value, "events.example"),
                     "no other sender is");

    std::string scratch;
    if (const auto key = event::idempotency_key_of(in.line(2), scratch))
        fuzz::expect(!key->empty() && is_utf8(*key), "an idempotency key is text");
    return 0;
}

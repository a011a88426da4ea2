// The request path: octets of a connection, its content coding, its route. However the octets arrive, they
// mean the same.
#include "fuzz.hpp"
#include "message_reader.hpp"
#include "millrace/core/text.hpp"
#include "millrace/http/content_coding.hpp"
#include "millrace/http/router.hpp"

#include <algorithm>
#include <cstring>
#include <string>

using namespace millrace;
using namespace millrace::http;

namespace {

constexpr std::size_t max_body = 65'536;

struct outcome {
    std::string requests;
    unsigned status = 0;
};

outcome read_in_pieces(std::string_view octets, std::size_t piece) {
    outcome o;
    std::atomic<std::uint64_t> used{0};
    {
        body_budget budget(2 * max_body, used);
        message_reader reader({4'096, max_body}, budget);
        while (!octets.empty() && o.status == 0) {
            const std::span<char> room = reader.prepare();
            fuzz::expect(!room.empty(), "there is always room for the next octet");
            const std::size_t n = std::min({room.size(), octets.size(), piece});
            std::memcpy(room.data(), octets.data(), n);
            octets.remove_prefix(n);
            reader.commit(n);
            while (reader.advance() == message_reader::phase::complete) {
                const message_head& h = reader.head();
                fuzz::expect(reader.body().size() <= max_body, "a body is within its limit");
                o.requests.append(h.method).append(" ").append(h.path).append("?").append(h.query);
                for (const field& f : h.headers)
                    o.requests.append("\n").append(f.name).append("=").append(f.value);
                o.requests.append("\n").append(reader.body()).append("\n");
                reader.release();
            }
            if (reader.current() == message_reader::phase::failed) {
                o.status = reader.fault().status;
                fuzz::expect(o.status >= 400 && reader.fault().close,
                             "what cannot be read ends the connection");
            }
        }
    }
    fuzz::expect(used == 0, "the memory of bodies is given back");
    return o;
}

void decode_parts(std::string_view text) {
    static inflater gzip;
    static std::string into;
    if (const auto inflated = gzip.gunzip(text, max_body, into); inflated.has_value())
        fuzz::expect(inflated->size() <= max_body, "an inflated body is within its limit");
    const std::string_view query = text.substr(0, text.find('\n'));
    for (const char* name : {"key", "id", "wait"})
        static_cast<void>(query_parameter(query, name));
    std::string quoted;
    append_percent_encoded(quoted, text);
    const auto again = percent_decode(quoted);
    fuzz::expect(again && *again == text, "percent-encoding is undone by percent-decoding");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets = fuzz::text_of(data, size);
    const outcome whole = read_in_pieces(octets, std::string::npos);
    const outcome single = read_in_pieces(octets, 1);
    const outcome odd = read_in_pieces(octets, 7);
    fuzz::expect(whole.requests == single.requests && whole.requests == odd.requests,
                 "requests do not depend on how their octets arrive");
    fuzz::expect(whole.status == single.status && whole.status == odd.status,
                 "neither does the refusal of what is no request");
    decode_parts(octets);

    static const router routes = [] {
        router r;
        const auto nothing = [](exchange&) {};
        for (const char* pattern : {"/v1/events", "/v1/topics/{topic}/events", "/v1/hooks/{name}",
                                    "/v1/events/{topic}/{partition}/{offset}", "/readyz"})
            r.add("POST", pattern, nothing);
        return r;
    }();
    fuzz::expect(!routes.pattern_of(octets.substr(0, octets.find('\n'))).empty(),
                 "every path has a route or is other");
    return 0;
}

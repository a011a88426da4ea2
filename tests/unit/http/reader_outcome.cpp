#include "reader_outcome.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

namespace millrace::http::testing {

using phase = message_reader::phase;

outcome read(std::string_view octets, const setting& s) {
    outcome o;
    std::atomic<std::uint64_t> used{0};
    {
        body_budget budget(s.budget, used);
        message_reader reader(s.limits, budget);
        while (!octets.empty() && o.status == 0) {
            const std::span<char> room = reader.prepare();
            REQUIRE(!room.empty());
            const std::size_t n = std::min({room.size(), octets.size(), s.piece});
            std::memcpy(room.data(), octets.data(), n);
            octets.remove_prefix(n);
            reader.commit(n);
            while (reader.advance() == phase::complete) {
                const message_head& h = reader.head();
                o.requests.push_back(std::string(h.method) + " " + std::string(h.path) + "?" +
                                     std::string(h.query) + " " + std::string(reader.body()));
                o.keep_alive = reader.keep_alive();
                o.most_buffered = std::max(o.most_buffered, used.load());
                reader.release();
            }
            o.most_buffered = std::max(o.most_buffered, used.load());
            if (reader.current() == phase::failed) {
                o.status = reader.fault().status;
                o.code = reader.fault().code;
                CHECK(reader.fault().close);
            }
        }
    }
    CHECK(used == 0);
    return o;
}

std::string get(std::string_view headers, std::string_view version, std::string_view target) {
    return "GET " + std::string(target) + " " + std::string(version) + "\r\n" + std::string(headers) + "\r\n";
}

std::string chunked(std::string_view body) {
    return "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
}

} // namespace millrace::http::testing

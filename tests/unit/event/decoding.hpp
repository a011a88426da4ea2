// Short words for the tests of the decoder: what is posted, and what came of it.
#pragma once

#include "millrace/event/decoder.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::event::test {

/// A POST that owns its texts.
struct post {
    std::string content_type;
    std::string body;
    std::vector<field> headers{};
    std::optional<std::string> idempotency_key{};
    std::optional<std::string_view> key{};

    submission view() const {
        submission s;
        s.content_type = content_type;
        s.headers = headers;
        s.body = body;
        s.idempotency_key = idempotency_key;
        s.key = key;
        s.defaults = {"/millrace", "event"};
        s.received = unix_ms{1'700'000'000'000};
        return s;
    }
};

/// A decoder, and the last post given to it as a temporary: what is decoded has views of it.
class decoding {
  public:
    explicit decoding(decode_limits limits = {}) : decoder_(limits) {}

    /// Of a submission that has to be good.
    decoded good(const post& p) {
        auto outcome = decoder_.decode(p.view());
        if (outcome.has_error())
            FAIL(p.content_type << " | " << p.body << " | " << outcome.error().detail);
        return *outcome;
    }
    decoded good(post&& p) { return good(keep(std::move(p))); }

    /// The event of a submission that has to be good, and of one event.
    const event& one(const post& p) {
        const decoded all = good(p);
        REQUIRE(all.events.size() == 1);
        REQUIRE_FALSE(all.batch);
        return all.events[0];
    }
    const event& one(post&& p) { return one(keep(std::move(p))); }

    /// Of a submission that has to be bad.
    fault bad(const post& p) {
        auto outcome = decoder_.decode(p.view());
        if (outcome.has_value())
            FAIL("accepted: " << p.content_type << " | " << p.body);
        return outcome.error();
    }

  private:
    const post& keep(post&& p) { return kept_ = std::move(p); }

    decoder decoder_;
    post kept_;
};

inline std::string attribute_of(const event& e, std::string_view name) {
    for (const attribute& a : e.attributes) {
        if (a.name() == name)
            return std::string(a.value);
    }
    return "(none)";
}

/// All pointers of a fault, separated by spaces.
inline std::string pointers_of(const fault& f) {
    std::string all;
    for (const blame& b : f.blames)
        all += (all.empty() ? "" : " ") + b.pointer;
    return all;
}

inline std::string repeat(std::string_view text, std::size_t times) {
    std::string all;
    while (times-- > 0)
        all += text;
    return all;
}

} // namespace millrace::event::test

// What may be asked of a receipt, and what is refused with which words.
#include "receipt_request.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace millrace;
using namespace millrace::processor;

namespace {

http::request request(std::string_view query, std::span<const std::string_view> parameters = {}) {
    http::request r;
    r.query = query;
    r.parameters = parameters;
    return r;
}

} // namespace

TEST_CASE("by coordinates") {
    struct row {
        std::array<std::string_view, 3> path;
        std::string_view query;
        bool good;
    };
    for (const row& each : {row{{"events", "0", "1"}, "", true},
                            {{"a%2eb", "2147483647", "9223372036854775807"}, "id=x&wait=1", true},
                            {{"events", "-0", "1"}, "", false},
                            {{"events", "0", "+1"}, "", false},
                            {{"events", "2147483648", "1"}, "", false},
                            {{"%zz", "0", "1"}, "", false},
                            {{"events", "0", "1"}, "id=%zz", false},
                            {{"events", "0", "1"}, "source=%zz", false},
                            {{"events", "0", "1"}, "wait=%zz", false},
                            {{"events", "0", "1"}, "wait=", false},
                            {{"events", "0", "1"}, "wait=nan", false},
                            {{"events", "0", "1"}, "wait=-1", false}}) {
        CAPTURE(each.path[0]);
        CAPTURE(each.query);
        receipt_request asked;
        const auto problem = read_receipt_request(request(each.query, each.path), asked);
        CHECK(!problem == each.good);
        if (problem) {
            CHECK(problem->status == 400);
            CHECK(problem->code == "malformed_request");
        }
    }
    const std::array<std::string_view, 3> path{"a%2eb", "3", "42"};
    receipt_request asked;
    REQUIRE_FALSE(read_receipt_request(request("id=x+y&wait=2.5&source=/s", path), asked));
    CHECK(asked.at == coordinates{"a.b", partition_id{3}, record_offset{42}});
    CHECK(asked.id == "x y");
    CHECK_FALSE(asked.source); // the place says which event is meant
    CHECK(asked.wait == milliseconds{2'500});
    REQUIRE_FALSE(read_receipt_request(request("wait=3000", path), asked));
    CHECK(asked.wait == milliseconds{30'000});
}

TEST_CASE("by id") {
    for (const char* query : {"", "id=", "source=/s", "id=%zz"}) {
        receipt_request refused;
        CHECK(read_receipt_request_by_id(request(query), refused));
    }
    receipt_request asked;
    REQUIRE_FALSE(read_receipt_request_by_id(request("id=a%2Fb&source=%2Fshop&wait=1"), asked));
    CHECK_FALSE(asked.at);
    CHECK(asked.id == "a/b");
    CHECK(asked.source == "/shop");
    CHECK(asked.wait == milliseconds{1'000});
}

TEST_CASE("an id that is not known: what to do depends on why") {
    const http::problem off = receipt_problem::unknown_id("x", 0);
    CHECK(off.status == 404);
    CHECK(off.detail.find("processor.recent_ids") != std::string::npos);
    const http::problem gone = receipt_problem::unknown_id("x", 65'536);
    CHECK(gone.code == "not_found");
    CHECK(gone.detail.find("'x' is not among the last 65536 events") == 0);
    for (const http::problem& p : {off, gone})
        CHECK(p.detail.find("/v1/events/{topic}/{partition}/{offset}") != std::string::npos);
}

// The path that every event takes asks the heap for nothing once it is warm.
#include "decoding.hpp"
#include "millrace/event/record.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t size) {
    ++allocations;
    if (void* const room = std::malloc(size == 0 ? 1 : size))
        return room;
    throw std::bad_alloc();
}

} // namespace

void* operator new(std::size_t size) {
    return counted(size);
}
void* operator new[](std::size_t size) {
    return counted(size);
}
void operator delete(void* room) noexcept {
    std::free(room);
}
void operator delete[](void* room) noexcept {
    std::free(room);
}
void operator delete(void* room, std::size_t) noexcept {
    std::free(room);
}
void operator delete[](void* room, std::size_t) noexcept {
    std::free(room);
}

using namespace millrace;
using namespace millrace::event;
using namespace millrace::event::test;

namespace {

/// Heap allocations of one decode and the writing and reading of its record, after some of the same.
std::size_t allocations_of(const post& p) {
    decoder decode{{}};
    record_reader reader;
    std::vector<field> headers;
    const submission from = p.view();
    std::size_t count = 0;
    for (int i = 0; i < 4; ++i) {
        const std::size_t before = allocations;
        {
            const auto outcome = decode.decode(from);
            REQUIRE(outcome.has_value());
            for (const event::event& e : outcome->events) {
                headers.clear();
                append_headers(e, {}, headers);
                if (!reader.read({e.key, e.data, headers}).has_value())
                    FAIL("not read back");
            }
        }
        count = allocations - before;
    }
    return count;
}

} // namespace

TEST_CASE("the counter counts") {
    const std::size_t before = allocations;
    const auto room = std::make_unique<int>(1);
    CHECK(allocations == before + 1);
}

TEST_CASE("no heap allocation for an event, whatever its form") {
    const std::string body = "{\"text\":\"" + repeat("x", 280) + "\"}";
    const std::string envelope =
        R"({"specversion":"1.0","id":"\u0041 long enough for the heap","source":"/s","type":"t","ext":5,"other":"a","data":)" +
        body + "}";
    CHECK(allocations_of({"application/json", body}) == 0);
    CHECK(allocations_of({"application/json; charset=utf-8",
                          body,
                          {},
                          "\"an escaped \\\" key beyond small strings\"",
                          "key"}) == 0);
    CHECK(allocations_of({"application/x-ndjson", repeat(body + "\n", 100)}) == 0);
    CHECK(allocations_of({"application/x-ndjson", repeat(body + "\n", 10), {}, "K"}) == 0);
    CHECK(allocations_of({"application/cloudevents+json", envelope}) == 0);
    CHECK(allocations_of({"application/cloudevents-batch+json", "[" + envelope + "," + envelope + "]"}) == 0);
    CHECK(allocations_of({"application/json",
                          body,
                          {{"ce-specversion", "1.0"},
                           {"ce-id", "a%20b"},
                           {"ce-source", "/s"},
                           {"ce-type", "t"},
                           {"ce-subject", "\"quoted\""}}}) == 0);
}

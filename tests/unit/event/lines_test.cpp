// NDJSON: a batch of plain events, one a line.
#include "decoding.hpp"

using namespace millrace;
using namespace millrace::event;
using namespace millrace::event::test;

TEST_CASE("lines are events, in whatever way they end; only events count") {
    decoding decode;
    const struct {
        const char* body;
        std::vector<std::string> data;
    } table[] = {
        {"1\n2\n", {"1", "2"}},
        {"1\n2", {"1", "2"}},
        {"1\r\n2\r\n", {"1", "2"}},
        {"1\r\n2\r", {"1", "2"}},
        {"\n\n1\n \t\n\r\n2\n\n", {"1", "2"}},
        {" {\"a\" : 1} \n[ ]", {" {\"a\" : 1} ", "[ ]"}},
        {"\"a\\nb\"\n", {"\"a\\nb\""}},
        {"", {}},
        {"\n", {}},
        {"\r\n \n\t", {}},
    };
    for (const char* type :
         {"application/x-ndjson", "application/jsonl", "Application/X-NDJSON; charset=utf-8"}) {
        for (const auto& row : table) {
            const post p{type, row.body};
            const decoded all = decode.good(p);
            CHECK(all.batch);
            REQUIRE(all.events.size() == row.data.size());
            for (std::size_t i = 0; i < row.data.size(); ++i) {
                CHECK(all.events[i].data == row.data[i]);
                CHECK(all.events[i].data.data() >= p.body.data());
                CHECK(all.events[i].content_type == "application/json");
                CHECK(all.events[i].source == "/millrace");
                CHECK(all.events[i].id.size() == 36);
                CHECK_FALSE(all.events[i].cloud_event);
            }
        }
    }
}

TEST_CASE("ids of ours differ and sort; ids by Idempotency-Key count events") {
    decoding decode;
    const decoded ours = decode.good({"application/x-ndjson", repeat("1\n", 500)});
    for (std::size_t i = 1; i < 500; ++i)
        REQUIRE(ours.events[i - 1].id < ours.events[i].id);

    const decoded theirs =
        decode.good({"application/x-ndjson", "\n1\n\n2\n" + repeat("3\n", 10), {}, R"("K")", "key"});
    CHECK(theirs.events[0].id == "K/0");
    CHECK(theirs.events[1].id == "K/1");
    CHECK(theirs.events[11].id == "K/11");
    CHECK(theirs.events[11].id_from_client);
    CHECK(theirs.events[11].key == "key");
}

TEST_CASE("every faulty line is named, by the number of its event") {
    decoding decode;
    const fault f = decode.bad({"application/x-ndjson", "\n1\n{\n\n3\n]\n\"\xff\"\n5 6\n\xef\xbb\xbf"
                                                        "1"});
    CHECK(f.code == fault_code::malformed_event);
    REQUIRE(f.blames.size() == 5);
    const std::size_t indices[] = {1, 3, 4, 5, 6};
    for (std::size_t i = 0; i < 5; ++i)
        CHECK(f.blames[i].index == indices[i]);
    CHECK(f.detail.starts_with("5 faults"));
}

TEST_CASE("faults are counted, the first hundred listed") {
    decoding decode;
    const fault f = decode.bad({"application/x-ndjson", repeat("x\n", 5000)});
    CHECK(f.blames.size() == 100);
    CHECK(f.blames[99].index == 99);
    CHECK(f.detail.starts_with("5000 faults"));
    CHECK(f.detail.ends_with("first 100."));
    CHECK(decode.bad({"application/x-ndjson", "x\n"}).blames.size() == 1);
}

TEST_CASE("limits: of one event, with its index; of their number, for all") {
    decoding decode({.max_event_bytes = 4, .max_batch_events = 3});
    CHECK(decode.good({"application/x-ndjson", "1234\r\n\n2\n3\n\n"}).events.size() == 3);
    const fault large = decode.bad({"application/x-ndjson", "1\n12345\n"});
    CHECK(large.code == fault_code::too_large);
    REQUIRE(large.blames.size() == 1);
    CHECK(large.blames[0].index == 1);
    for (const char* body : {"1\n2\n3\n4\n", "x\n2\n3\n4"}) {
        const fault many = decode.bad({"application/x-ndjson", body});
        CHECK(many.code == fault_code::too_large);
        CHECK(many.blames.empty());
        CHECK(many.detail.find("more than 3") != std::string::npos);
    }
}

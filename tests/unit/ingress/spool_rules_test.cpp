// What the spool takes, for which keys others go behind it, and how it keeps a record's headers.
#include "spool_keys.hpp"
#include "spool_room.hpp"
#include "spooled_event.hpp"

#include <doctest/doctest.h>

#include <memory>

using namespace millrace;
using namespace millrace::ingress;
using namespace std::chrono_literals;

TEST_CASE("a key is held from its first event to its last, in its topic") {
    const auto keys = std::make_unique<spool_keys>();
    CHECK_FALSE(keys->holds("orders", "k"));
    keys->add("orders", "k");
    keys->add("orders", "k");
    CHECK(keys->holds("orders", "k"));
    CHECK_FALSE(keys->holds("orders", "other"));
    CHECK_FALSE(keys->holds("payments", "k"));
    keys->remove("orders", "k");
    CHECK(keys->holds("orders", "k"));
    keys->remove("orders", "k");
    CHECK_FALSE(keys->holds("orders", "k"));
}

TEST_CASE("bytes are taken up to the bound, all of a request's or none") {
    spool_room room(1'000, 60s);
    const unix_ms now{1'000'000};
    CHECK_FALSE(room.take(600, now));
    CHECK(room.take(500, now) == spool_errc::full);
    CHECK(room.bytes() == 600);
    CHECK_FALSE(room.take(400, now));
    CHECK(room.refusal(now) == spool_errc::full);
    room.give_back(1);
    CHECK_FALSE(room.refusal(now));
}

TEST_CASE("while the oldest has waited for too long nothing new is taken; a younger one opens it again") {
    spool_room room(1'000, 60s);
    room.set_oldest({1'000'000});
    CHECK_FALSE(room.refusal({1'060'000}));
    CHECK(room.refusal({1'060'001}) == spool_errc::too_old);
    CHECK(room.take(1, {1'060'001}) == spool_errc::too_old);
    room.set_oldest({1'030'000});
    CHECK_FALSE(room.take(1, {1'060'001}));
    room.set_oldest({});
    CHECK_FALSE(room.refusal({9'000'000}));
}

TEST_CASE("a disk that failed is no place for a load balancer to send to, and is tried all the same") {
    spool_room room(1'000, 60s);
    room.set_disk_failing(true);
    CHECK(room.refusal({1}) == spool_errc::no_disk);
    CHECK_FALSE(room.take(1, {1}));
    room.set_disk_failing(false);
    CHECK_FALSE(room.refusal({1}));
}

TEST_CASE("each reason says that nothing is stored, but for the one that does not know") {
    for (const auto why : {spool_errc::full, spool_errc::too_old, spool_errc::no_disk, spool_errc::stopping})
        CHECK(make_error_code(why) == condition::unavailable);
    CHECK(make_error_code(spool_errc::in_doubt) == condition::outcome_unknown);
}

TEST_CASE("headers are kept to the octet, and what is no list of them is seen") {
    const std::string binary("\0\xff\n", 3);
    const std::vector<field> headers = {{"ce_id", "1"}, {"", ""}, {"ce_subject", binary}};
    const std::string packed = pack(headers);
    std::vector<field> back;
    REQUIRE(unpack(packed, back));
    REQUIRE(back.size() == 3);
    CHECK(back[0].name == "ce_id");
    CHECK(back[1].value.empty());
    CHECK(back[2].value == binary);
    std::vector<field> cut;
    CHECK_FALSE(unpack(std::string_view(packed).substr(0, packed.size() - 1), cut));
    CHECK(unpack({}, cut = {}));
}

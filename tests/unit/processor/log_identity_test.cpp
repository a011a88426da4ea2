// A log is known by a record that was seen in it; the record is older than all that it speaks for.
#include "millrace/processor/log_identity.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::processor;

namespace {

witness seen(std::int64_t n) {
    return {record_offset{n}, unix_ms{1'000 + n}, static_cast<std::uint64_t>(n) * 7};
}

} // namespace

TEST_CASE("a witness survives a commit's metadata, and nothing else is taken for one") {
    const witness w{record_offset{42}, unix_ms{1'763'950'000'123}, UINT64_MAX};
    CHECK(to_metadata(w) == "seen=42/1763950000123/18446744073709551615");
    CHECK(parse_witness(to_metadata(w)) == w);
    for (const char* text : {"", "seen=", "seen=1", "seen=1/2", "seen=1/2/", "seen=1/2/3/", "seen=1/2/3/4",
                             "seen=-1/2/3", "seen=1/2/x", "seen=1/2/3 ", "1/2/3", "41,43"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_witness(text));
    }
}

TEST_CASE("the checksum tells keys and values apart, nothing from empty, and where one ends") {
    const auto base = checksum("k", "v");
    CHECK(checksum("k", "v") == base);
    CHECK(checksum("k", "w") != base);
    CHECK(checksum("j", "v") != base);
    CHECK(checksum(std::nullopt, "v") != checksum("", "v"));
    CHECK(checksum("k", std::nullopt) != checksum("k", ""));
    CHECK(checksum("kv", "") != checksum("k", "v"));
}

TEST_CASE("the first record fetched is the witness where the commit brought none") {
    log_identity fresh;
    CHECK_FALSE(fresh.ask());
    CHECK(fresh.wants());
    fresh.show(seen(5));
    CHECK_FALSE(fresh.wants());
    CHECK(fresh.sworn() == seen(5));

    log_identity resumed(seen(3));
    resumed.show(seen(10));
    CHECK(resumed.sworn() == seen(3)); // the log may have been replaced between the two
}

TEST_CASE("a witness is replaced only by one that was fetched before a question that was answered well") {
    log_identity log(seen(1));
    log.show(seen(2));
    CHECK(log.ask() == seen(1));
    CHECK(log.sworn() == seen(1));
    log.confirm();
    CHECK(log.sworn() == seen(2));
    CHECK(log.wants());

    CHECK(log.ask() == seen(2)); // nothing was fetched before this question
    log.show(seen(3));           // of another log, perhaps
    log.confirm();
    CHECK(log.sworn() == seen(2));

    log.show(seen(4));
    log.ask(); // never answered
    CHECK(log.sworn() == seen(2));
    log.ask();
    log.confirm();
    CHECK(log.sworn() == seen(4));
}

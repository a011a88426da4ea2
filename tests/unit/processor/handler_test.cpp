// A completion is heard exactly once, also when it is forgotten, and is harmless when nobody listens any
// more.
#include "millrace/processor/handler.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace millrace;
using namespace millrace::processor;

namespace {

struct owner : completion_desk::owner {
    struct heard {
        std::uint32_t ticket;
        outcome::kind what;
        std::string error_class;
        std::optional<milliseconds> after;
    };
    std::vector<heard> all;
    completion_desk* desk = completion_desk::open(*this);

    ~owner() { desk->leave(); }
    void complete(std::uint32_t ticket, const outcome& how) noexcept override {
        all.push_back({ticket, how.what, std::string(how.error_class), how.after});
    }
};

} // namespace

TEST_CASE("the first word counts") {
    owner o;
    {
        completion c(*o.desk, 7);
        c.done();
        c.fail("late", "too late");
    }
    REQUIRE(o.all.size() == 1);
    CHECK(o.all[0].ticket == 7);
    CHECK(o.all[0].what == outcome::kind::done);
}

TEST_CASE("a forgotten completion is a retry") {
    owner o;
    {
        const completion c(*o.desk, 3);
    }
    REQUIRE(o.all.size() == 1);
    CHECK(o.all[0].what == outcome::kind::retry);
    CHECK(o.all[0].error_class == "abandoned");
}

TEST_CASE("an attempt that could not be made is given back, for a time") {
    owner o;
    completion(*o.desk, 4).postpone("circuit_open", "later", milliseconds{250});
    REQUIRE(o.all.size() == 1);
    CHECK(o.all[0].what == outcome::kind::postponed);
    CHECK(o.all[0].error_class == "circuit_open");
    CHECK(o.all[0].after == milliseconds{250});
}

TEST_CASE("moving keeps the promise single") {
    owner o;
    {
        completion a(*o.desk, 1);
        completion b(std::move(a));
        completion c(*o.desk, 2);
        c = std::move(b); // what c promised before is broken: 2 is abandoned when the old one dies
        c.fail("x", "y");
    }
    REQUIRE(o.all.size() == 2);
    CHECK(o.all[0].ticket == 1);
    CHECK(o.all[0].what == outcome::kind::terminal);
    CHECK(o.all[1].ticket == 2);
    CHECK(o.all[1].error_class == "abandoned");
}

TEST_CASE("a completion may outlive its owner") {
    std::optional<completion> late;
    {
        owner o;
        late.emplace(*o.desk, 1);
    }
    late->done();
    late.reset();
}

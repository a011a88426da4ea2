// What each answer means.
#include "delivery_verdict.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace millrace;
using namespace millrace::processor;
using http::client_errc;
using kind = outcome::kind;

namespace {

constexpr unix_ms now{784'111'777'000}; // Sun, 06 Nov 1994 08:49:37 GMT

verdict of_status(unsigned status, std::string_view retry_after = {}, std::string_view body = {}) {
    http::client_answer answer;
    answer.status = status;
    answer.retry_after = retry_after;
    answer.body = body;
    return judge(answer, now);
}

} // namespace

TEST_CASE("by status") {
    struct row {
        unsigned status;
        kind what;
        bool works;
    };
    for (const row& r :
         {row{200, kind::done, true},     row{201, kind::done, true},     row{202, kind::done, true},
          row{204, kind::done, true},     row{299, kind::done, true},     row{300, kind::terminal, true},
          row{301, kind::terminal, true}, row{304, kind::terminal, true}, row{307, kind::terminal, true},
          row{400, kind::terminal, true}, row{401, kind::terminal, true}, row{404, kind::terminal, true},
          row{408, kind::retry, true},    row{409, kind::terminal, true}, row{410, kind::terminal, true},
          row{421, kind::terminal, true}, row{422, kind::terminal, true}, row{425, kind::retry, true},
          row{429, kind::retry, true},    row{499, kind::terminal, true}, row{500, kind::retry, false},
          row{501, kind::retry, false},   row{503, kind::retry, false},   row{599, kind::retry, false}}) {
        CAPTURE(r.status);
        const verdict v = of_status(r.status);
        CHECK(v.what == r.what);
        CHECK(v.target_works == r.works);
        CHECK(v.sent);
        CHECK(v.error_class == (r.what == kind::done ? "" : "http_" + std::to_string(r.status)));
        CHECK(v.message.empty() == (r.what == kind::done));
    }
}

TEST_CASE("without an answer") {
    struct row {
        client_errc error;
        const char* error_class;
        bool sent;
    };
    for (const row& r :
         {row{client_errc::timed_out, "timeout", true}, row{client_errc::unresolved, "connect", false},
          row{client_errc::unreachable, "connect", false}, row{client_errc::tls_refused, "tls", false},
          row{client_errc::interrupted, "connection", true},
          row{client_errc::malformed, "bad_answer", true}}) {
        CAPTURE(r.error_class);
        http::client_answer answer;
        answer.error = r.error;
        answer.detail = "what happened";
        const verdict v = judge(answer, now);
        CHECK(v.what == kind::retry);
        CHECK(v.error_class == r.error_class);
        CHECK(v.message == "what happened");
        CHECK_FALSE(v.target_works);
        CHECK(v.sent == r.sent);
        CHECK_FALSE(v.after);
    }
}

TEST_CASE("Retry-After counts where the event is tried again") {
    CHECK(of_status(429, "7").after == milliseconds{7'000});
    CHECK(of_status(503, "Sun, 06 Nov 1994 08:50:37 GMT").after == milliseconds{60'000});
    CHECK_FALSE(of_status(503).after);
    CHECK_FALSE(of_status(404, "7").after);
    CHECK_FALSE(of_status(200, "7").after);
}

TEST_CASE("Retry-After: seconds or a date") {
    struct row {
        const char* value;
        std::int64_t ms; ///< -1: none
    };
    constexpr std::int64_t year_ms = 366LL * 24 * 3'600 * 1'000;
    for (const row& r :
         {row{"0", 0}, row{"1", 1'000}, row{" 120 ", 120'000}, row{"99999999999999999999999", year_ms},
          row{"9223372036854775807", year_ms}, row{"Sun, 06 Nov 1994 08:49:38 GMT", 1'000},
          row{"Sunday, 06-Nov-94 08:49:38 GMT", 1'000}, row{"Sun Nov  6 08:49:38 1994", 1'000},
          row{"Sun, 06 Nov 1994 08:49:36 GMT", 0}, row{"Fri, 31 Dec 9999 23:59:59 GMT", year_ms}, row{"", -1},
          row{"-1", -1}, row{"1.5", -1}, row{"soon", -1}, row{"5s", -1}}) {
        CAPTURE(r.value);
        const auto after = parse_retry_after(r.value, now);
        CHECK((after ? after->count() : -1) == r.ms);
    }
}

TEST_CASE("the target's words are told, as far as they are text") {
    CHECK(of_status(422, {}, "no such\r\ncustomer\n").message ==
          "The target answered 422. no such  customer");
    CHECK(of_status(422, {}, " \n ").message == "The target answered 422.");
    CHECK(of_status(422, {}, "caf\xc3").message == "The target answered 422. caf");
    CHECK(of_status(422, {}, "caf\xc3\xa9").message == "The target answered 422. caf\xc3\xa9");
}

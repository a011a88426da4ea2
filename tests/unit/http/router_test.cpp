// Which handler a method and a path find, and what is answered where there is none.
#include "millrace/http/router.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace millrace;
using namespace millrace::http;

namespace {

/// An exchange without a connection: keeps the answer.
class recorded final : public exchange {
  public:
    recorded(std::string_view method, std::string_view path) {
        request_.method = method;
        request_.path = path;
    }
    const http::request& request() const noexcept override { return request_; }
    void respond(const response& r) override {
        ++answers;
        status = r.status;
        body = r.body;
        for (const field& h : r.headers)
            if (h.name == "Allow")
                allow = h.value;
    }

    int answers = 0;
    unsigned status = 0;
    std::string body;
    std::optional<std::string> allow;

  private:
    http::request request_;
};

handler says(std::string name) {
    return [name](exchange& e) { e.respond({200, {}, name, {}, false}); };
}

router sample() {
    router r;
    r.add("POST", "/v1/topics/{topic}/events", says("topic"));
    r.add("GET", "/v1/events/{topic}/{partition}/{offset}", says("receipt"));
    r.add("POST", "/v1/events", says("events"));
    r.add("GET", "/v1/{any}", says("any"));
    r.add("GET", "/v1/events", says("list"));
    r.add("GET", "/", says("root"));
    r.add("GET", "/x/a:b", says("colon"));
    r.add("POST", "/v1/hooks/{name}", says("hook"));
    r.add("OPTIONS", "/v1/hooks/{name}", says("own options"));
    return r;
}

} // namespace

TEST_CASE("a method and a path find their handler, or are told why not") {
    const router r = sample();
    const struct {
        const char* method;
        const char* path;
        unsigned status;
        const char* body; ///< of a 200
        std::vector<std::string_view> parameters;
    } table[] = {
        {"POST", "/v1/events", 200, "events", {}},
        {"GET", "/v1/events", 200, "list", {}},
        {"HEAD", "/v1/events", 200, "list", {}},
        {"GET", "/", 200, "root", {}},
        {"POST", "/v1/topics/orders/events", 200, "topic", {"orders"}},
        {"POST", "/v1/topics/a%2Fb/events", 200, "topic", {"a%2Fb"}},
        {"POST", "/v1/topics/a%zz/events", 200, "topic", {"a%zz"}},
        {"GET", "/v1/events/t/3/17", 200, "receipt", {"t", "3", "17"}},
        {"GET", "/v1/else", 200, "any", {"else"}},
        {"GET", "/v1/%65vents", 200, "list", {}},
        {"GET", "/%761/%65v%65nts", 200, "list", {}},
        {"GET", "/x/a:b", 200, "colon", {}},
        {"GET", "/x/a%3Ab", 404, "", {}},
        {"POST", "/v1%2Fevents", 404, "", {}},
        {"GET", "/v1/events%2F", 200, "any", {"events%2F"}},
        {"POST", "/v1/events%", 405, "", {}},
        {"POST", "/v1/events%6", 405, "", {}},
        {"POST", "/v1/event", 405, "", {}},
        {"POST", "/v1/eventss", 405, "", {}},
        {"POST", "/v1/topics//events", 404, "", {}},
        {"POST", "/v1/topics/a/b/events", 404, "", {}},
        {"GET", "/v1/events/t/3", 404, "", {}},
        {"GET", "/v1/events/t/3/17/", 404, "", {}},
        {"GET", "/v1/", 404, "", {}},
        {"GET", "/v1", 404, "", {}},
        {"GET", "//", 404, "", {}},
        {"GET", "", 404, "", {}},
        {"GET", "*", 404, "", {}},
        {"GET", "/V1/events", 404, "", {}},
        {"DELETE", "/v1/events", 405, "", {}},
        {"post", "/v1/events", 405, "", {}},
        {"OPTIONS", "/v1/events", 204, "", {}},
        {"OPTIONS", "/nowhere", 404, "", {}},
        {"OPTIONS", "*", 204, "", {}},
        {"OPTIONS", "/v1/hooks/x", 200, "own options", {"x"}},
    };
    for (const auto& row : table) {
        CAPTURE(row.method);
        CAPTURE(row.path);
        recorded e(row.method, row.path);
        std::vector<std::string_view> parameters;
        r.dispatch(e, parameters);
        CHECK(e.answers == 1);
        CHECK(e.status == row.status);
        if (row.status != 200)
            continue;
        CHECK(e.body == row.body);
        CHECK(parameters == row.parameters);
    }
}

TEST_CASE("Allow names every method of the path") {
    const router r = sample();
    const struct {
        const char* method;
        const char* path;
        const char* allow;
    } table[] = {
        {"DELETE", "/v1/events", "POST, GET, HEAD, OPTIONS"},
        {"OPTIONS", "/v1/events", "POST, GET, HEAD, OPTIONS"},
        {"GET", "/v1/topics/t/events", "POST, OPTIONS"},
        {"GET", "/v1/hooks/x", "POST, OPTIONS"},
        {"OPTIONS", "*", "GET, HEAD, POST, OPTIONS"},
    };
    for (const auto& row : table) {
        recorded e(row.method, row.path);
        std::vector<std::string_view> parameters;
        r.dispatch(e, parameters);
        CHECK(e.allow == row.allow);
    }
}

TEST_CASE("the pattern is one of a bounded set") {
    const router r = sample();
    CHECK(r.pattern_of("/v1/topics/x/events") == "/v1/topics/{topic}/events");
    CHECK(r.pattern_of("/v1/events") == "/v1/events");
    CHECK(r.pattern_of("/v1/whatever") == "/v1/{any}");
    CHECK(r.pattern_of("/nowhere") == "other");
    recorded e("DELETE", "/v1/hooks/x");
    std::vector<std::string_view> parameters;
    CHECK(r.dispatch(e, parameters) == "/v1/hooks/{name}");
}

// What a reload takes over, and what waits for the next start.
#include "millrace/settings/reload.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace millrace::settings;

namespace {

file base() {
    file of;
    of.topics["events"] = {};
    of.tls.certificate_file = "c.pem";
    return of;
}

} // namespace

TEST_CASE("what may change while it runs is taken over, and nothing is reported") {
    const std::function<void(file&)> changes[] = {
        [](file& f) { f.auth.keys["new"].sha256 = "x"; },
        [](file& f) { f.auth.jwt.jwks_file = "x"; },
        [](file& f) { f.tls.key_file = "x"; },
        [](file& f) { f.hooks["new"].scheme = "github"; },
        [](file& f) { f.cors.allowed_origins = {"*"}; },
        [](file& f) { f.rate_limit.per_address_per_second = 1; },
        [](file& f) { f.handshake.allowed_origins = {"*"}; },
        [](file& f) { f.http.trusted_proxies = {"::1"}; },
        [](file& f) { f.log.level = "debug"; },
        [](file& f) { f.topics["events"].schema_file = "x"; },
    };
    for (const auto& change : changes) {
        file fresh = base();
        change(fresh);
        CAPTURE(&change - changes);
        CHECK(reloaded(base(), fresh) == fresh);
        CHECK(waiting_for_restart(base(), fresh).empty());
    }
}

TEST_CASE("anything else stays as it was, and its section is named") {
    const std::pair<const char*, std::function<void(file&)>> changes[] = {
        {"http", [](file& f) { f.http.listen = "x"; }},
        {"kafka", [](file& f) { f.kafka.brokers = "x"; }},
        {"ingress", [](file& f) { f.ingress.max_event_bytes = 1; }},
        {"topics", [](file& f) { f.topics["more"] = {}; }},
        {"topics", [](file& f) { f.topics["events"].partitions = 1; }},
        {"idempotency", [](file& f) { f.idempotency.window_seconds = 1; }},
        {"processor", [](file& f) { f.processor.retry.max_attempts = 1; }},
        {"log", [](file& f) { f.log.format = "json"; }},
    };
    for (const auto& [section, change] : changes) {
        file fresh = base();
        change(fresh);
        CAPTURE(section);
        CHECK(reloaded(base(), fresh) == base());
        CHECK(waiting_for_restart(base(), fresh) == std::vector<std::string>{section});
    }
}

TEST_CASE("a port does not change from HTTPS to HTTP or back") {
    file fresh = base();
    fresh.tls.certificate_file.clear();
    CHECK(waiting_for_restart(base(), fresh) == std::vector<std::string>{"tls"});
    CHECK(reloaded(base(), fresh) == base());
    CHECK(waiting_for_restart(fresh, base()) == std::vector<std::string>{"tls"});
}

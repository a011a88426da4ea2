// What SIGHUP may change, as one value: all of the new holds, or all of the old.
#pragma once

#include "access.hpp"
#include "cors.hpp"
#include "hook.hpp"
#include "millrace/event/schema.hpp"
#include "millrace/http/tls.hpp"
#include "millrace/settings/settings.hpp"
#include "webhook_handshake.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// Immutable once made; all loops share it.
struct rules {
    std::shared_ptr<const access_rules> access;
    ingress::cors cors;
    handshake_policy handshake;
    std::map<std::string, hook, std::less<>> hooks;
    std::map<std::string, std::shared_ptr<const event::schema>, std::less<>> schemas; ///< by topic
    std::shared_ptr<const http::tls_context> tls;                                     ///< null: plain HTTP

    const event::schema* schema_of(std::string_view topic) const {
        const auto found = schemas.find(topic);
        return found == schemas.end() ? nullptr : found->second.get();
    }
};

/// `rules`, or every reason why there are none.
struct rules_or_errors {
    std::shared_ptr<const ingress::rules> rules;
    std::vector<std::string> errors;
};

/// Reads the files that the settings name: blocks. `before` is what held so far, null at start; clients keep
/// what they have used of their rates.
rules_or_errors make_rules(const settings::file& from, const rules* before);

} // namespace millrace::ingress

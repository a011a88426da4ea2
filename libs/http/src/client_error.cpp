// The category of the client's errors, and the condition that each of them equals.
#include "millrace/http/client.hpp"

#include <string>

namespace millrace::http {
namespace {

class category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "millrace.http.client"; }

    std::string message(int value) const override {
        switch (static_cast<client_errc>(value)) {
        case client_errc::unresolved:
            return "no address for the host";
        case client_errc::unreachable:
            return "cannot connect";
        case client_errc::tls_refused:
            return "no TLS connection";
        case client_errc::timed_out:
            return "timed out";
        case client_errc::interrupted:
            return "the connection ended before the answer was whole";
        case client_errc::malformed:
            return "no HTTP answer";
        }
        return "unknown error of the HTTP client";
    }

    boost::system::error_condition default_error_condition(int value) const noexcept override {
        switch (static_cast<client_errc>(value)) {
        case client_errc::unresolved:
        case client_errc::unreachable:
        case client_errc::tls_refused:
            return make_error_condition(condition::unavailable);
        case client_errc::timed_out:
            return make_error_condition(condition::timed_out);
        case client_errc::interrupted:
        case client_errc::malformed:
            return make_error_condition(condition::outcome_unknown);
        }
        return make_error_condition(condition::fatal);
    }
};

} // namespace

const boost::system::error_category& client_category() noexcept {
    static const category instance;
    return instance;
}

} // namespace millrace::http

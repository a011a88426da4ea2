#include "millrace/core/error.hpp"

#include <string>

namespace millrace {
namespace {

class category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "millrace"; }

    std::string message(int value) const override {
        switch (static_cast<condition>(value)) {
        case condition::invalid_input:
            return "invalid input";
        case condition::unauthorised:
            return "not authorised";
        case condition::overloaded:
            return "overloaded";
        case condition::unavailable:
            return "unavailable";
        case condition::outcome_unknown:
            return "outcome unknown";
        case condition::timed_out:
            return "timed out";
        case condition::fatal:
            return "fatal";
        }
        return "unknown condition";
    }
};

} // namespace

const boost::system::error_category& condition_category() noexcept {
    static const category instance;
    return instance;
}

} // namespace millrace

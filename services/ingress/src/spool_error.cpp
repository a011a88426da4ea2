#include "spool_error.hpp"

#include <string>

namespace millrace::ingress {
namespace {

class category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "millrace.spool"; }

    std::string message(int value) const override {
        switch (static_cast<spool_errc>(value)) {
        case spool_errc::full:
            return "the spool is full (spool.max_bytes)";
        case spool_errc::too_old:
            return "the spool takes nothing more, since its oldest event is older than spool.max_age_seconds";
        case spool_errc::no_disk:
            return "the spool's disk does not take it (spool.path; the log says why)";
        case spool_errc::stopping:
            return "the spool is closing";
        case spool_errc::in_doubt:
            return "the spool's disk failed when the event was written; it may or may not be there";
        }
        return "unknown error of the spool";
    }

    boost::system::error_condition default_error_condition(int value) const noexcept override {
        return make_error_condition(static_cast<spool_errc>(value) == spool_errc::in_doubt
                                        ? condition::outcome_unknown
                                        : condition::unavailable);
    }
};

} // namespace

const boost::system::error_category& spool_category() noexcept {
    static const category instance;
    return instance;
}

} // namespace millrace::ingress

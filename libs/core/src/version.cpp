#include "millrace/core/version.hpp"

namespace millrace {

std::string_view version() noexcept {
    return MILLRACE_VERSION;
}

std::string_view commit() noexcept {
    return MILLRACE_COMMIT;
}

} // namespace millrace

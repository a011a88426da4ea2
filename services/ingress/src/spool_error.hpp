// Why the spool takes nothing now, as error codes: condition::unavailable, but for
// `in_doubt`.
#pragma once

#include "millrace/core/error.hpp"

namespace millrace::ingress {

enum class spool_errc {
    full = 1,     ///< spool.max_bytes
    too_old = 2,  ///< its oldest event is older than spool.max_age_seconds
    no_disk = 3,  ///< the disk does not take it: full, or failing
    stopping = 4, ///< the instance is shutting down
    in_doubt = 5, ///< the disk failed when all was written: condition::outcome_unknown
};

const boost::system::error_category& spool_category() noexcept;

inline error_code make_error_code(spool_errc e) noexcept {
    return {static_cast<int>(e), spool_category()};
}

} // namespace millrace::ingress

template <>
struct boost::system::is_error_code_enum<millrace::ingress::spool_errc> : std::true_type {};

// The one vocabulary of failure. Every library maps its errors onto these conditions; the HTTP status and the
// retry policy are decided on the condition alone.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/error_condition.hpp>
#include <boost/system/result.hpp>

namespace millrace {

using boost::system::error_code;

template <class T>
using result = boost::system::result<T>;

/// What a caller can do about an error.
enum class condition {
    invalid_input = 1, ///< the request or record is wrong; repeating it unchanged cannot help
    unauthorised,      ///< missing, wrong or insufficient credentials
    overloaded,        ///< a configured bound is reached; nothing was done; retry later
    unavailable,       ///< something that is needed is away; nothing was done; retry later
    outcome_unknown,   ///< it may or may not have been done; a retry with the same id is safe
    timed_out,         ///< a deadline passed before anything was done
    fatal,             ///< cannot get better without a restart or a new configuration
};

const boost::system::error_category& condition_category() noexcept;

inline boost::system::error_condition make_error_condition(condition c) noexcept {
    return {static_cast<int>(c), condition_category()};
}

} // namespace millrace

template <>
struct boost::system::is_error_condition_enum<millrace::condition> : std::true_type {};

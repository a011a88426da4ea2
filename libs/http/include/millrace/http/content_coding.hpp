// Content codings of a request: RFC 9110, section 8.4. gzip (RFC 1952) is undone, into bounded memory.
#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::http {

/// The codings that are taken, for `Accept-Encoding` in answers of 415 (RFC 9110, section 12.5.3).
inline constexpr std::string_view accepted_content_codings = "gzip, identity";

enum class content_coding { identity, gzip };

/// What a Content-Encoding says: identity where it is empty. Nothing where the coding is unknown or there is
/// more than one besides identity: 415.
std::optional<content_coding> content_coding_of(std::string_view value) noexcept;

/// Undoes gzip. Keeps zlib's state from call to call; one a loop. Throws std::bad_alloc only.
class inflater {
  public:
    enum class reason {
        malformed, ///< not gzip, truncated, damaged or followed by something else: 400
        too_large, ///< it would have more than max_bytes: 413
    };

    inflater();
    ~inflater();
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;

    /// What all members of `body` hold, one after the other (RFC 1952, section 2.2), at most `max_bytes`, in
    /// `into`, whose memory is reused and never grows beyond twice that. Stops at the first byte too many.
    boost::system::result<std::string_view, reason> gunzip(std::string_view body, std::size_t max_bytes,
                                                           std::string& into);

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// One sentence for the client.
std::string_view detail_of(inflater::reason why) noexcept;

} // namespace millrace::http

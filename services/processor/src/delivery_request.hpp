// An event as a request: the CloudEvents HTTP binding 1.0.2 in binary mode, signed. No I/O, no clock.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/field.hpp"
#include "millrace/processor/handler.hpp"
#include "webhook_signer.hpp"

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::processor {

/// Appends an attribute's value as section 3.1.3.2 wants it in a header: a space, a double quote, a percent
/// sign and all that is not printable ASCII percent-encoded.
void append_attribute_value(std::string& to, std::string_view value);

/// The headers of one request after the other, in memory that is used again.
class delivery_request {
  public:
    /// `fixed` are sent with each; both arguments outlive it.
    delivery_request(const std::map<std::string, std::string>& fixed, const webhook_signer& signer)
        : fixed_(fixed), signer_(signer) {}

    /// Why no header can say what the event says, as a sentence; else nothing, and the headers are those of
    /// `d`.
    std::optional<std::string> make(const delivery& d, unix_ms now);

    /// Valid until the next `make`, and as long as the event.
    const std::vector<field>& headers() const noexcept { return headers_; }

  private:
    std::string& text();
    void add_attribute(std::string_view name, std::string_view value);
    void add_key(const event::event& e);
    void add_trace(std::span<const field> of_record);
    void add_signature(const event::event& e, unix_ms now);

    const std::map<std::string, std::string>& fixed_;
    const webhook_signer& signer_;
    std::vector<field> headers_;
    std::deque<std::string> texts_; ///< what the headers' views point to; those in use do not move
    std::size_t texts_used_ = 0;
};

} // namespace millrace::processor

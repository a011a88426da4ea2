// A receiver of webhooks: from a delivery to the event that is published, or why it is not. Contract
// section 2.5. No I/O, no clock.
#pragma once

#include "hook_place.hpp"
#include "hook_signature.hpp"
#include "millrace/core/clock.hpp"
#include "millrace/event/decoder.hpp"
#include "millrace/event/event.hpp"
#include "millrace/event/json.hpp"
#include "millrace/http/problem.hpp"
#include "millrace/http/request.hpp"
#include "millrace/settings/settings.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// What deliveries are read with; its memory is used again for each. One a loop, for all hooks.
class hook_reader {
  public:
    explicit hook_reader(event::decode_limits limits) : json(limits.max_json_depth), decoder(limits) {}

    event::json_checker json;
    event::decoder decoder;
    std::vector<field> attributes;
    std::vector<std::string> values; ///< of `attributes`
    std::string key;
};

/// Immutable; all loops share it.
class hook {
  public:
    /// Accept-Post: anything but the formats of CloudEvents.
    static constexpr std::string_view accepted_media_types = "application/json, */*";

    /// `from` is as settings have checked it. Nothing where a secret or key cannot be used: then a line for
    /// each is appended to `errors`.
    static std::optional<hook> make(const std::string& name, const settings::hook& from,
                                    std::vector<std::string>& errors);

    const std::string& topic() const noexcept { return topic_; }
    const std::string& scheme() const noexcept { return scheme_; }

    /// The event of a delivery whose signature holds: its data is the body, unchanged. Valid until `with` is
    /// used again, and as long as the delivery is.
    boost::system::result<event::event, http::problem> accept(const http::request& delivery, unix_ms now,
                                                              hook_reader& with) const;

  private:
    hook(const std::string& name, const settings::hook& from,
         std::shared_ptr<const hook_signature> signature);

    void write_attributes(const http::request& delivery, std::string_view id, std::string_view type,
                          hook_reader& with) const;
    http::problem unauthorized(std::string detail) const;

    std::string scheme_;
    std::string topic_;
    std::string source_;
    hook_place id_;
    std::optional<hook_place> type_;
    bool needs_type_;
    std::optional<hook_place> key_;
    std::shared_ptr<const hook_signature> signature_;
};

} // namespace millrace::ingress

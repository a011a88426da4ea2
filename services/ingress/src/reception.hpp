// The front of the ingress, before an event has a path: who posts, how much, in which coding the body is, and
// whose webhook it is.
#pragma once

#include "event_path.hpp"
#include "loop_metrics.hpp"
#include "millrace/http/content_coding.hpp"
#include "millrace/http/router.hpp"
#include "rules.hpp"
#include "spool_desk.hpp"
#include "topics.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace millrace::ingress {

/// Lives on one loop.
class reception {
  public:
    /// The references outlive it. `max_body_bytes` bounds what a compressed body may become.
    reception(const topics& known, event_path& path, spool_desk& desk, loop_metrics& metrics,
              std::size_t max_body_bytes, event::decode_limits limits, std::shared_ptr<const rules> in_force);

    /// POST and OPTIONS of the endpoints that take events, and GET of what became of one.
    void add_routes(http::router& to);

    /// From the next request on these hold.
    void use(std::shared_ptr<const rules> fresh) noexcept { rules_ = std::move(fresh); }

  private:
    void post(http::exchange& e, const std::string& topic_name);
    void deliver(http::exchange& e);
    void tell(http::exchange& e);
    void say_options(http::exchange& e, std::string_view allowed, std::string_view taken);
    void allow_page(http::exchange& e) const;

    /// These have answered the exchange where they return nothing.
    const topic* find_topic(http::exchange& e, const std::string& name) const;
    const std::pair<const std::string, hook>* hook_of(http::exchange& e) const;
    verdict check(http::exchange& e, std::string_view topic, unix_ms now);
    std::optional<http::problem> refusal_of(http::exchange& e, std::string_view topic);
    std::optional<std::string_view> poster_of(http::exchange& e, std::string_view topic, unix_ms now);
    std::optional<std::string_view> body_of(http::exchange& e);

    std::string_view name_for_log(std::string_view poster);

    const topics& topics_;
    event_path& path_;
    spool_desk& desk_;
    loop_metrics& metrics_;
    std::size_t max_body_bytes_;
    std::shared_ptr<const rules> rules_;
    access_memory memory_;
    hook_reader hook_reader_;
    http::inflater inflater_;
    std::string inflated_;                            ///< scratch memory, used again
    std::set<std::string, std::less<>> poster_names_; ///< what exchanges note of who sent them
};

} // namespace millrace::ingress

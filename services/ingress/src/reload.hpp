// SIGHUP: reads the configuration again, off the loops, and hands over what may change.
#pragma once

#include "millrace/ingress/service.hpp"
#include "rules.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <thread>

namespace millrace::ingress {

/// The settings that hold, and the rules made of them.
struct in_force {
    settings::file settings;
    std::shared_ptr<const ingress::rules> rules;
};

/// Lives on one loop. One reload is under way at a time; asked again meanwhile, it does one more.
class reloader {
  public:
    struct owner {
        std::function<in_force()> now;       ///< what holds
        std::function<void(in_force)> apply; ///< all that was read is usable
        std::function<void()> failed;        ///< the log has said why; everything stays as it is
    };

    /// The owner's functions are called on the loop; `source` is not.
    reloader(boost::asio::io_context& loop, reload_source source, owner told);
    ~reloader();
    reloader(const reloader&) = delete;
    reloader& operator=(const reloader&) = delete;

    void start();

  private:
    void read(const in_force& running);
    void finish(std::optional<in_force> read);

    boost::asio::io_context& loop_;
    reload_source source_;
    owner owner_;
    bool under_way_ = false;
    bool again_ = false; ///< asked for while one was under way, which may have read the file already
    std::jthread thread_;
};

} // namespace millrace::ingress

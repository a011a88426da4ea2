// SIGINT and SIGTERM: the first asks for an ordered end, the second ends at once.
#pragma once

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace millrace::runtime {

/// Lives on one loop, once in a process at a time. SIGPIPE is ignored from construction on. On the first
/// SIGINT or SIGTERM `stop` is called on the loop; on the second the process ends with status 128 + signal,
/// without any clean-up, even where the loop is stuck. SIGHUP calls `reload` where there is one and is
/// ignored otherwise. The destructor gives the dispositions back.
class signals {
  public:
    signals(boost::asio::io_context& loop, std::function<void()> stop, std::function<void()> reload = {});
    ~signals();
    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;

    /// No more of it: the loop can run dry. A second signal still ends the process.
    void release();

  private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace millrace::runtime

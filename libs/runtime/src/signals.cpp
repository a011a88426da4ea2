// A signal handler of our own rather than asio's signal_set: the second signal has to end a process whose
// loop is stuck, so the handler itself counts. It touches lock-free atomics and an eventfd only.
#include "millrace/runtime/signals.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace millrace::runtime {
namespace {

std::atomic<int> wake_descriptor{-1};
std::atomic<int> stops_seen{0};
std::atomic<bool> stop_pending{false};
std::atomic<bool> reload_pending{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

extern "C" void millrace_on_signal(int number) {
    const int kept = errno;
    if (number == SIGHUP)
        reload_pending = true;
    else if (stops_seen.fetch_add(1) > 0)
        ::_exit(128 + number);
    else
        stop_pending = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_descriptor, &one, sizeof one);
    errno = kept;
}

/// Sets a disposition and gives back the one before when it goes.
class disposition {
  public:
    disposition(int number, void (*handler)(int)) : number_(number) {
        struct sigaction action{};
        action.sa_handler = handler;
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        if (::sigaction(number_, &action, &before_) != 0)
            throw std::system_error(errno, std::generic_category(), "sigaction");
    }
    ~disposition() { ::sigaction(number_, &before_, nullptr); }
    disposition(const disposition&) = delete;
    disposition& operator=(const disposition&) = delete;

  private:
    int number_;
    struct sigaction before_{};
};

int make_eventfd() {
    const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0)
        throw std::system_error(errno, std::generic_category(), "eventfd");
    return fd;
}

} // namespace

struct signals::impl {
    impl(boost::asio::io_context& loop, std::function<void()> stop, std::function<void()> reload)
        : wake(loop, make_eventfd()), on_stop(std::move(stop)), on_reload(std::move(reload)) {}
    ~impl() { wake_descriptor = -1; }

    boost::asio::posix::stream_descriptor wake;
    std::function<void()> on_stop;
    std::function<void()> on_reload;
    /// Claims the handler's variables before the handler can run.
    bool claimed = claim(wake.native_handle());
    disposition broken_pipe{SIGPIPE, SIG_IGN};
    disposition hang_up{SIGHUP, on_reload ? &millrace_on_signal : SIG_IGN};
    disposition interrupt{SIGINT, &millrace_on_signal};
    disposition terminate{SIGTERM, &millrace_on_signal};

    static bool claim(int fd) {
        int nobody = -1;
        if (!wake_descriptor.compare_exchange_strong(nobody, fd))
            throw std::logic_error("millrace::runtime::signals lives once in a process");
        stops_seen = 0;
        stop_pending = false;
        reload_pending = false;
        return true;
    }

    /// The handler may be queued when `signals` goes: it holds a weak reference.
    static void wait(const std::shared_ptr<impl>& self) {
        self->wake.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                              [weak = std::weak_ptr<impl>(self)](boost::system::error_code cancelled) {
                                  const auto live = weak.lock();
                                  if (cancelled || !live)
                                      return;
                                  live->serve();
                                  if (live->wake.is_open() && !live->released)
                                      wait(live);
                              });
    }

    void serve() {
        std::uint64_t n = 0;
        [[maybe_unused]] const auto drained = ::read(wake.native_handle(), &n, sizeof n);
        if (reload_pending.exchange(false))
            on_reload();
        if (stop_pending.exchange(false))
            on_stop();
    }

    bool released = false;
};

signals::signals(boost::asio::io_context& loop, std::function<void()> stop, std::function<void()> reload)
    : impl_(std::make_shared<impl>(loop, std::move(stop), std::move(reload))) {
    impl::wait(impl_);
}

signals::~signals() {
    release();
}

void signals::release() {
    impl_->released = true;
    boost::system::error_code ignored; // nothing waits: the same end
    impl_->wake.cancel(ignored);
}

} // namespace millrace::runtime

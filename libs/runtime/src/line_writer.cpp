#include "line_writer.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <utility>

namespace millrace::runtime {
namespace {

// After a turn of writing, lines gather this long before the next: under load a turn has many of them, and
// putting one does not wake the thread.
constexpr milliseconds gather{5};

// How often a thread that cannot write looks whether it should give up.
constexpr milliseconds look_around{50};

constexpr std::size_t kept_capacity = 65'536;

// A pipe is writable where one page of it is free; what else takes little may block in the middle of more.
std::size_t piece_for(int fd) {
    struct stat status{};
    const bool file = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    return file ? 262'144 : PIPE_BUF;
}

std::uint64_t lines_in(std::string_view text) {
    return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

} // namespace

line_writer::line_writer(int fd, writer_limits limits, std::function<std::string(std::uint64_t)> notice)
    : fd_(fd), limits_(limits), piece_(piece_for(fd)), notice_(std::move(notice)), thread_([this] {
          run();
      }) {}

line_writer::~line_writer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        give_up_ = steady_clock::now() + limits_.farewell;
    }
    work_.notify_one();
    thread_.join();
}

void line_writer::put(std::string_view line, when_full then) {
    std::unique_lock lock(mutex_);
    const bool fits =
        has_room(line.size()) || (then == when_full::wait && !stuck_ && wait_for_room(lock, line.size()));
    if (!fits)
        return count_dropped(1);
    waiting_ += line;
    if (idle_ || waiting_.size() > limits_.max_bytes / 2)
        work_.notify_one();
}

bool line_writer::wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t bytes) {
    const steady_time until = steady_clock::now() + limits_.patience;
    stuck_ = !room_.wait_until(lock, until, [&] { return has_room(bytes); });
    return !stuck_;
}

void line_writer::lose() noexcept {
    const std::lock_guard lock(mutex_);
    count_dropped(1);
}

void line_writer::count_dropped(std::uint64_t lines) noexcept {
    unsaid_ += lines;
    dropped_.fetch_add(lines, std::memory_order_relaxed);
}

void line_writer::flush() {
    std::unique_lock lock(mutex_);
    ++flushing_;
    work_.notify_one();
    written_.wait_until(lock, steady_clock::now() + limits_.farewell,
                        [this] { return waiting_.empty() && !writing_; });
    --flushing_;
}

void line_writer::run() {
    sigset_t all; // a signal's handler runs on a thread that does not write the log; no SIGPIPE either
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::string turn;
    std::unique_lock lock(mutex_);
    for (;;) {
        idle_ = true;
        work_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        idle_ = false;
        if (waiting_.empty())
            return;
        const std::uint64_t said = take(turn);
        lock.unlock();
        const std::string_view rest = std::string_view(turn).substr(write(turn));
        lock.lock();
        writing_ = false;
        if (!rest.empty()) { // the notice comes last
            unsaid_ += said;
            count_dropped(lines_in(rest) - (said > 0 ? 1 : 0));
        }
        written_.notify_all();
        work_.wait_for(lock, gather, [this] {
            return stopping_ || flushing_ > 0 || waiting_.size() > limits_.max_bytes / 2;
        });
    }
}

/// What waits, and then how much was dropped after it. Returns that number.
std::uint64_t line_writer::take(std::string& turn) {
    if (turn.capacity() > kept_capacity)
        std::string().swap(turn);
    turn.clear();
    turn.swap(waiting_);
    writing_ = true;
    stuck_ = false;
    room_.notify_all();
    if (unsaid_ > 0)
        turn += notice_(unsaid_);
    return std::exchange(unsaid_, 0);
}

/// Returns how much is written; less than all only where the descriptor fails, or the farewell is over.
std::size_t line_writer::write(std::string_view text) {
    std::size_t done = 0;
    while (done < text.size() && wait_until_writable()) {
        const ssize_t n = ::write(fd_, text.data() + done, std::min(piece_, text.size() - done));
        if (n >= 0)
            done += static_cast<std::size_t>(n);
        else if (errno != EINTR && errno != EAGAIN)
            break;
    }
    return done;
}

bool line_writer::wait_until_writable() {
    for (;;) {
        pollfd descriptor{.fd = fd_, .events = POLLOUT, .revents = 0};
        if (::poll(&descriptor, 1, static_cast<int>(look_around.count())) > 0)
            return true; // an error too: the write says which
        const std::lock_guard lock(mutex_);
        if (stopping_ && steady_clock::now() >= give_up_)
            return false;
    }
}

} // namespace millrace::runtime

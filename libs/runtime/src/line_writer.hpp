// Writes lines to a descriptor on a thread of its own: who has a line to write is not held up by who reads
// it.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/runtime/log.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace millrace::runtime {

struct writer_limits {
    std::size_t max_bytes = 1'048'576; ///< of lines that wait; while those are written, as many again
    milliseconds patience{100};        ///< of a line for which there is no room
    milliseconds farewell{1'000};      ///< for what is left at the end
};

/// Every function may be called from any thread. The descriptor stays the caller's.
class line_writer {
  public:
    /// `notice` makes the line that says how many were dropped; it is called on the writer's thread.
    line_writer(int fd, writer_limits limits, std::function<std::string(std::uint64_t)> notice);
    /// Writes what is left, as long as the farewell lasts.
    ~line_writer();
    line_writer(const line_writer&) = delete;
    line_writer& operator=(const line_writer&) = delete;

    /// The line comes with its end. It is written after all that were put before it, or dropped.
    void put(std::string_view line, when_full then);

    /// Counts a line that could not even be made.
    void lose() noexcept;

    /// Until nothing is left to write, for at most the farewell.
    void flush();

    /// Lines dropped so far.
    std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

  private:
    bool has_room(std::size_t bytes) const noexcept { return waiting_.size() + bytes <= limits_.max_bytes; }
    bool wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t bytes);
    void count_dropped(std::uint64_t lines) noexcept;
    void run();
    std::uint64_t take(std::string& turn);
    std::size_t write(std::string_view text);
    bool wait_until_writable();

    const int fd_;
    const writer_limits limits_;
    const std::size_t piece_; ///< as much as a descriptor that says "writable" takes without blocking
    const std::function<std::string(std::uint64_t)> notice_;

    std::mutex mutex_;
    std::condition_variable work_;    ///< for the thread: there is something to do
    std::condition_variable room_;    ///< for those who put
    std::condition_variable written_; ///< for those who flush
    std::string waiting_;
    std::uint64_t unsaid_ = 0; ///< dropped, and no line says so yet
    int flushing_ = 0;
    bool idle_ = false;    ///< the thread waits for work
    bool writing_ = false; ///< the thread has lines that it took
    bool stuck_ = false;   ///< a line has waited in vain, and there was no room since
    bool stopping_ = false;
    steady_time give_up_{}; ///< once stopping

    std::atomic<std::uint64_t> dropped_{0};
    std::thread thread_;
};

} // namespace millrace::runtime

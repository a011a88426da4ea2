// What a burst leaves free goes back to the system, so that the resident memory of a service tells what it
// uses.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace millrace::runtime {

/// An allocator keeps what is free for later: glibc gives back only what is free at a heap's end, tcmalloc a
/// little at a time. Now and then the whole free pages are given back, to whichever the program has: that
/// takes some milliseconds on the loop after a burst, and next to nothing otherwise. Once in a process, from
/// construction until `release`.
class spare_memory {
  public:
    explicit spare_memory(boost::asio::io_context& loop,
                          std::chrono::milliseconds every = std::chrono::seconds(30))
        : timer_(loop), every_(every) {
        wait();
    }

    /// No more of it: the loop can run dry.
    void release() {
        released_ = true;
        timer_.cancel();
    }

  private:
    void wait();

    boost::asio::steady_timer timer_;
    std::chrono::milliseconds every_;
    bool released_ = false; ///< a timer that is due already cannot be cancelled
};

} // namespace millrace::runtime

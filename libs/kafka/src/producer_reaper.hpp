// Destroys producers on threads of their own, since that blocks, and says when all are gone.
#pragma once

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <vector>

namespace millrace::kafka {

class producer;

/// Lives on one loop. Its destructor waits for what is under way: usually for some milliseconds, rarely a
/// second, at the very most for as long as a look-up of a broker's name takes.
class producer_reaper {
  public:
    /// `idle` is called on the loop each time that nothing is under way any more.
    producer_reaper(boost::asio::io_context& loop, std::function<void()> idle);
    ~producer_reaper();
    producer_reaper(const producer_reaper&) = delete;
    producer_reaper& operator=(const producer_reaper&) = delete;

    /// The producer's queue is no longer served. Nothing may be outstanding, else it is never reported.
    void take(std::unique_ptr<producer> client);

    bool busy() const noexcept { return under_way_ > 0; }

  private:
    void on_destroyed();

    boost::asio::io_context& loop_;
    std::function<void()> idle_;
    std::vector<std::future<void>> threads_;
    std::size_t under_way_ = 0;
    std::shared_ptr<producer_reaper*> self_; ///< how handlers on their way learn that this is gone
};

} // namespace millrace::kafka

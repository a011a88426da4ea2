// A thread for each producer: there is seldom more than the two of a closing publisher.
#include "producer_reaper.hpp"

#include "producer.hpp"

#include <boost/asio/post.hpp>

#include <system_error>
#include <utility>

namespace millrace::kafka {

producer_reaper::producer_reaper(boost::asio::io_context& loop, std::function<void()> idle)
    : loop_(loop), idle_(std::move(idle)), self_(std::make_shared<producer_reaper*>(this)) {}

producer_reaper::~producer_reaper() {
    *self_ = nullptr;
}

void producer_reaper::take(std::unique_ptr<producer> client) {
    try {
        threads_.push_back(std::async(std::launch::async,
                                      [client = std::move(client), self = self_, &loop = loop_]() mutable {
                                          client.reset();
                                          boost::asio::post(loop, [self] {
                                              if (*self != nullptr)
                                                  (*self)->on_destroyed();
                                          });
                                      }));
        ++under_way_;
    } catch (const std::system_error&) {
        // No thread to be had: it was destroyed here, on unwinding.
    }
}

void producer_reaper::on_destroyed() {
    if (--under_way_ > 0)
        return;
    threads_.clear(); // they have all but returned
    idle_();
}

} // namespace millrace::kafka

// Keeps the ends of this member's logs fresh: what a consumer knows of them is as old as its last fetch, and
// it fetches nothing while a partition is paused or enough is prefetched.
#pragma once

#include "millrace/kafka/cluster.hpp"
#include "pipeline.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace millrace::processor {

/// Asks twice a second, one request a broker, whatever the number of partitions; by a cluster of its own, so
/// that no other question stands in line before it. Lives on the loop; the cluster answers every question, so
/// every round ends.
class end_watch {
  public:
    /// All arguments outlive it.
    end_watch(boost::asio::io_context& loop, pipeline& events, kafka::client_config client)
        : timer_(loop), events_(events), cluster_(loop, std::move(client)) {}

    void start() { look(); }
    void stop();

  private:
    void look();
    void wait();

    boost::asio::steady_timer timer_;
    pipeline& events_;
    kafka::cluster cluster_;
    bool stopped_ = false;
};

} // namespace millrace::processor

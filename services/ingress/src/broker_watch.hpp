// Keeps an eye on the topics in Kafka: creates at start those that are wanted and missing, and notices later
// when one goes or comes back.
#pragma once

#include "millrace/kafka/cluster.hpp"
#include "topics.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <set>
#include <string>

namespace millrace::ingress {

/// Lives on the first loop; asks once a second. Ends with `stop`.
class broker_watch {
  public:
    /// `spooled`: events are not refused while Kafka is away, which is all that the log says of it.
    broker_watch(boost::asio::io_context& loop, kafka::client_config client, topics& watched, bool spooled);

    void start();
    void stop();

  private:
    void ask();
    void ask_later();
    void learn(const kafka::cluster_description& seen);
    void create(topic& missing);

    boost::asio::steady_timer timer_;
    kafka::cluster cluster_;
    topics& topics_;
    std::set<std::string> settled_; ///< seen or created once: one that goes missing later is not made again
    bool spooled_;
    bool stopped_ = false;
    bool unreachable_ = false;
};

} // namespace millrace::ingress

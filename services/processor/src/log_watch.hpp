// Notices that a topic was deleted and made again: the log has the same name and other records.
#pragma once

#include "millrace/kafka/cluster.hpp"
#include "pipeline.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <string>
#include <vector>

namespace millrace::processor {

/// Kafka does not tell: a fetch goes on at the old position, which in the new log is past its end or, worse,
/// in its middle. So every few seconds a known record of each partition is looked for, one after the other.
/// Lives on the loop; the cluster answers every question, so every round ends.
class log_watch {
  public:
    /// All arguments outlive it.
    log_watch(boost::asio::io_context& loop, pipeline& events, kafka::cluster& cluster)
        : timer_(loop), events_(events), cluster_(cluster) {}

    void start() { wait(); }
    void stop();

    /// Something looks odd, or a partition was taken over from another member.
    void look_soon();

  private:
    void wait();
    void look();
    void next();
    void fail(const topic_partition& of, error_code why);
    void end_round();
    void ask(const pipeline::claim& c);
    void compare(const pipeline::claim& c);
    void doubt(const std::string& topic);
    void start_over(const topic_partition& name);

    boost::asio::steady_timer timer_;
    pipeline& events_;
    kafka::cluster& cluster_;
    std::vector<topic_partition> doubted_; ///< still to be started over in this round
    std::vector<pipeline::claim> claims_;  ///< still to be looked for
    bool looking_ = false;
    bool failed_ = false;  ///< a question of this round
    bool failing_ = false; ///< and that has been said
    bool soon_ = false;
    bool stopped_ = false;
};

} // namespace millrace::processor

// Sees to it that the topics exist: those to consume where the settings say so, and a dead-letter topic for
// each.
#pragma once

#include "millrace/kafka/cluster.hpp"
#include "millrace/settings/settings.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::processor {

/// Lives on the loop. Asks every second until every topic is there, then now and then: partitions may be
/// added.
class topic_keeper {
  public:
    /// `settings` and `cluster` outlive it.
    topic_keeper(boost::asio::io_context& loop, kafka::cluster& cluster, const settings::file& settings);

    void start() { ask(); }
    void stop();

    /// Something did not go as expected: one of the topics may be gone or changed. What is missing is made.
    void look_again();

    bool consumes(std::string_view topic) const noexcept;
    /// 0: unknown or missing.
    int partitions_of(const std::string& topic) const noexcept;
    /// The brokers have said that there is no such topic, and there never was.
    bool missing(const std::string& topic) const noexcept { return missing_.contains(topic); }

  private:
    void ask();
    void ask_in(milliseconds pause);
    void learn(const kafka::cluster_description& seen);
    void create(kafka::topic_spec missing);
    settings::topic wanted(const std::string& topic) const;

    boost::asio::steady_timer timer_;
    kafka::cluster& cluster_;
    const settings::file& settings_;
    std::map<std::string, int> partitions_;
    std::set<std::string> missing_;
    std::set<std::string> seen_; ///< whoever deletes one of these is not contradicted at once
    bool makes_letters_ = true;  ///< topics for them: until all are there, then when one is missed
    std::set<std::string> told_; ///< missing topics that were logged
    bool asking_ = false;
    bool stopped_ = false;
};

} // namespace millrace::processor

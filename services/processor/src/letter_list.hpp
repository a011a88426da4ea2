// GET /v1/dead-letters: pages of dead letters, read from Kafka.
#pragma once

#include "letter_page.hpp"
#include "letter_query.hpp"
#include "mark_index.hpp"
#include "millrace/http/request.hpp"
#include "millrace/kafka/cluster.hpp"
#include "millrace/settings/settings.hpp"
#include "topic_keeper.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace millrace::processor {

/// Lives on the loop. One page is made at a time, others wait; each answer has a deadline, and reads a
/// bounded number of records. `close` it before the HTTP server drains: every exchange that it holds is
/// answered.
class letter_list {
  public:
    /// All arguments outlive it.
    letter_list(kafka::cluster& cluster, topic_keeper& topics, const settings::file& settings);

    void receive(http::exchange& e);
    /// What waits is refused, and what is being made ends soon.
    void close();

    /// The dead-letter partitions of the topics, or of one of them; nothing where they are not known.
    static std::optional<std::vector<topic_partition>>
    partitions(const topic_keeper& topics, const settings::file& settings, const std::string& only_topic);

  private:
    struct request {
        http::exchange* exchange = nullptr;
        letter_query query;
        steady_time deadline;
        std::vector<topic_partition> logs;
        std::optional<letter_page> page;
        std::size_t records_left = 0; ///< that may be read for marks
    };
    struct findings;

    void begin();
    void ask_ranges();
    void look_for_marks(std::size_t log);
    void read_on();
    void scan(const topic_partition& of, mark_index::piece piece, bool letters,
              std::function<void(std::vector<letter>)> then);
    void take(const letter_page::piece& piece, std::vector<letter> letters);
    void answer();
    void refuse(const http::problem& p);
    milliseconds time_left() const;

    kafka::cluster& cluster_;
    topic_keeper& topics_;
    const settings::file& settings_;
    mark_index marks_;
    std::deque<request> requests_; ///< the first one is being answered
    bool closed_ = false;
};

} // namespace millrace::processor

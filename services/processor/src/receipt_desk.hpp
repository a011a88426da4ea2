// GET /v1/events/{topic}/{partition}/{offset} and /v1/events?id=…: answered at once, or held until the event
// is final.
#pragma once

#include "millrace/http/request.hpp"
#include "pipeline.hpp"
#include "receipt_lookup.hpp"
#include "receipt_request.hpp"
#include "topic_keeper.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace millrace::processor {

/// Lives on the loop. `close` it before the HTTP server drains: every exchange that it holds is answered.
class receipt_desk {
  public:
    /// All arguments outlive it, but for the pipeline, which is there until `close` and the answers to what
    /// is not waiting for Kafka.
    receipt_desk(boost::asio::io_context& loop, pipeline& events, topic_keeper& topics,
                 receipt_lookup& lookup)
        : timer_(loop),
          events_(events),
          topics_(topics),
          lookup_(lookup),
          remembered_ids_(events.remembered_ids()) {}

    void receive(http::exchange& e);
    void receive_by_id(http::exchange& e);

    /// An event has become final; O(log n) in the held answers.
    void on_final(const partition& of, record_offset at);

    /// Answers everything that is held as it stands, and holds nothing from now on.
    void close();

    std::size_t held() const noexcept { return questions_.size(); }

  private:
    struct question;
    using questions = std::list<question>;
    using place = std::pair<const partition*, record_offset>;
    using places = std::multimap<place, questions::iterator>;

    struct question {
        http::exchange* exchange = nullptr;
        bool by_id = false;
        std::optional<coordinates> at; ///< none: nothing of that id was begun here yet
        std::optional<std::string> id;
        std::optional<std::string> source;
        steady_time deadline; ///< answer by then, whatever the state
        steady_time next_look;
        milliseconds interval{500}; ///< between two looks at Kafka
        bool asking = false;        ///< Kafka is being asked
        bool in_log = false;        ///< Kafka has confirmed the record and its id
        partition* followed = nullptr;
        places::iterator spot; ///< where `followed`
        receipt last;          ///< as of the last look
    };

    void take(http::exchange& e, receipt_request asked);
    bool locate(questions::iterator q);
    void look(questions::iterator q);
    void decide(questions::iterator q, result<std::optional<receipt>> found);
    void hold(questions::iterator q);
    void answer(questions::iterator q, const receipt& r);
    http::exchange& remove(questions::iterator q);
    void unfollow(question& q);
    void sweep();

    boost::asio::steady_timer timer_;
    pipeline& events_;
    topic_keeper& topics_;
    receipt_lookup& lookup_;
    const std::size_t remembered_ids_;
    questions questions_;
    places by_place_;
    std::size_t asking_ = 0;
    bool sweeping_ = false;
    bool closed_ = false;
};

} // namespace millrace::processor

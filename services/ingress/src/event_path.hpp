// The path of an event through the ingress, top to bottom: receive -> decode -> admit -> claim -> publish
// (event_path.cpp) -> receipt (event_answers.cpp); and where Kafka cannot take it, round by the spool
// (event_detour.cpp).
#pragma once

#include "admission.hpp"
#include "answers.hpp"
#include "event_headers.hpp"
#include "idempotency_claims.hpp"
#include "idempotency_window.hpp"
#include "loop_metrics.hpp"
#include "millrace/core/random.hpp"
#include "millrace/event/decoder.hpp"
#include "millrace/event/record.hpp"
#include "millrace/http/request.hpp"
#include "millrace/kafka/publisher.hpp"
#include "publication.hpp"
#include "schema_check.hpp"
#include "topics.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

class spool;

/// One POST, once it is known who sent it and where to. The views need to live only until `receive` returns.
struct posting {
    const topic& to;
    std::string_view poster; ///< name of the credential; empty where none was asked for
    std::string_view body;   ///< after any content decoding
    unix_ms received;
    const event::schema* schema = nullptr; ///< that data has to match; null: any data
};

/// Lives on one loop. Every request it takes is answered once, at the latest when `answer_overdue` finds it.
class event_path final : private publication_owner {
  public:
    /// `spool` is null where there is none.
    event_path(boost::asio::io_context& loop, kafka::publisher& publisher, admission& budget,
               loop_metrics& metrics, event::decode_limits limits, const receipt_writer& receipts,
               idempotency_window& window, spool* spool);

    /// Decodes by form, then publishes.
    void receive(http::exchange& from, const posting& posted);

    /// Publishes a webhook's event, which is ready. Where its id is the client's, what differs between two
    /// deliveries of it must not be in its attributes.
    void receive(http::exchange& from, const posting& posted, const event::event& ready);

    /// From now on requests are answered 503 `draining`.
    void drain() noexcept { draining_ = true; }

    /// Answers 504 to what has waited since `latest` or longer. The events stay in flight and within the
    /// budget.
    void answer_overdue(steady_time latest);

  private:
    /// What there is to publish.
    struct accepted {
        std::span<const event::event> events;
        bool batch = false;
        std::size_t bytes = 0;               ///< what they take until the broker has them
        std::optional<std::string_view> key; ///< the request's Idempotency-Key, without its quotes
        event::trace_context trace;
        unix_ms received;
    };

    bool may_publish(http::exchange& from, const topic& to);
    void enter(http::exchange& from, const posting& posted, const accepted& request);
    bool admit(http::exchange& from, std::size_t events, std::size_t bytes);
    void publish(http::exchange& from, const posting& posted, const accepted& request);
    bool claim(publication& p, const posting& posted, const accepted& request);
    void send(publication& p, const accepted& request);

    // The way round, where there is a spool (event_detour.cpp):
    bool is_away(const topic& to) const;
    bool may_spool(http::exchange& from);
    static request_origin origin_of(const posting& posted, const accepted& request);
    bool is_detour(const publication& p, const accepted& request) const;
    void spool_events(publication& p, const accepted& request);
    void pass_through(publication& p, std::vector<returned_event> events);
    bool keep(publication& p, std::size_t index, const kafka::delivery& d,
              const kafka::message& record) noexcept override;
    void send_round(publication& p) noexcept;
    error_code add_to_spool(publication& p, std::vector<returned_event> events);

    void release(idempotency_window::hold held, const kafka::delivery& outcome) noexcept override;
    void settled(publication& p) noexcept override;
    void count_outcomes(const publication& p, std::span<const outcome> outcomes);
    void answer_failed(publication& p, std::span<const outcome> outcomes);
    void answer_stored(publication& p, std::span<const outcome> outcomes);

    boost::asio::io_context& loop_;
    kafka::publisher& publisher_;
    admission& budget_;
    loop_metrics& metrics_;
    const receipt_writer& receipts_;
    idempotency_window& window_;
    spool* spool_;
    idempotency_claims claims_;
    event::decoder decoder_;
    schema_check schema_check_;
    publication_pool publications_;
    fast_random random_;
    bool draining_ = false;

    std::vector<field> record_headers_; // scratch memory, used again for each event
    std::array<char, 55> traceparent_{};
    std::string tracestate_;
    std::string body_;
    std::string location_;
    std::string key_scratch_;
};

} // namespace millrace::ingress

// The words of the ingress: receipts, and problem details for all that can go wrong. Contract section 2.2. No
// I/O.
#pragma once

#include "millrace/event/fault.hpp"
#include "millrace/http/problem.hpp"
#include "millrace/kafka/publisher.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// One event of a request and what became of it.
struct outcome {
    std::string_view id;
    std::string_view source;
    const kafka::delivery* delivery = nullptr;
};

/// Writes receipts. `processor_url` is the base of status_url, without a slash at its end; empty: null.
/// `spool_url` is that of an event in the spool; empty: relative to this service.
class receipt_writer {
  public:
    explicit receipt_writer(std::string processor_url, std::string spool_url = {});

    /// The members of one receipt, without braces.
    void append_members(std::string& to, std::string_view topic, const outcome& of) const;

    /// The body of a 202 for one event, respectively for a batch.
    void single(std::string& to, std::string_view topic, const outcome& of) const;
    void batch(std::string& to, std::string_view topic, std::span<const outcome> of) const;

    /// What is known of an event by its id: its receipt, with its state.
    std::string located(std::string_view topic, const outcome& of) const;

    /// The array `events` of a batch of which some were not stored.
    std::string states(std::string_view topic, std::span<const outcome> of) const;

    /// The receipt's address: at the processor, where `to` stays empty without a processor URL; of an event
    /// in the spool, here.
    void append_status_url(std::string& to, std::string_view topic, const outcome& of) const;

  private:
    void append_receipt(std::string& to, std::string_view topic, const outcome& of) const;
    void append_spool_url(std::string& to, const outcome& of) const;

    std::string base_;
    std::string spool_base_;
};

http::problem refused(const event::fault& f);
http::problem overloaded(std::string detail);
http::problem too_many_bytes(std::uint64_t most);  ///< the same
http::problem too_many_events(std::uint64_t most); ///< more than may ever be in flight
http::problem broker_unavailable(std::string detail);
http::problem draining();
http::problem outcome_unknown(std::string detail);
http::problem malformed_request(std::string detail);
http::problem unsupported_encoding(std::string_view coding);

/// Entries of `errors`; who sends a batch that is wrong all through needs no more to see it.
inline constexpr std::size_t most_errors = 100;

http::problem schema_violation(std::vector<http::problem::error> errors);

/// The Idempotency-Key was used for another request.
http::problem idempotency_key_reused();

/// The ids of these events were used for others; `batch`: there is an index to name.
http::problem ids_reused(bool batch, std::span<const std::size_t> events);

/// The answer could not be made: 500, prepared, since memory is what is missing when it is needed.
const http::response& internal_error() noexcept;

/// What became of a request whose events did not all get stored: the worst of the outcomes.
http::problem not_all_stored(std::span<const outcome> of);

} // namespace millrace::ingress

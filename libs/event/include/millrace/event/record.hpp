// Between events and Kafka records: the CloudEvents Kafka binding, binary mode (and structured, when
// reading).
#pragma once

#include "millrace/core/field.hpp"
#include "millrace/event/event.hpp"
#include "millrace/event/fault.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace millrace::event {

/// W3C Trace Context of a request, already validated; empty where absent.
struct trace_context {
    std::string_view traceparent;
    std::string_view tracestate;
};

/// Appends the record headers of `e`: content-type, ce_specversion, ce_id, ce_source, ce_type, the other
/// attributes, traceparent, tracestate. Views live as long as those of `e` and `trace`.
void append_headers(const event& e, const trace_context& trace, std::vector<field>& to);

/// A record as it was read.
struct stored_record {
    std::optional<std::string_view> key;
    std::string_view value; ///< empty for a null value
    std::span<const field> headers;
};

/// Reads records back. A record without CloudEvents headers is a plain event (the caller gives it the id
/// `topic/partition/offset`, which `id.empty()` says); one that claims to be a CloudEvent and does not parse,
/// or claims a batch, is a fault. Reuses its memory; one a loop.
class record_reader {
  public:
    record_reader();
    ~record_reader();
    record_reader(const record_reader&) = delete;
    record_reader& operator=(const record_reader&) = delete;

    /// Valid until the next call and as long as the record's views are.
    boost::system::result<event, fault> read(const stored_record& record);

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::event

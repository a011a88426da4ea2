// GET /v1/events: what the spool knows of an event by its id.
#pragma once

#include "answers.hpp"
#include "millrace/http/request.hpp"
#include "spool.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::ingress {

/// Lives on one loop.
class spool_desk {
  public:
    /// `spool` is null where there is none: nothing is known then.
    spool_desk(boost::asio::io_context& loop, spool* spool, const receipt_writer& receipts)
        : loop_(loop), spool_(spool), receipts_(receipts) {}

    /// Answers now or later. `may_see` refuses what who asks may not see, by the topic of the event.
    void ask(http::exchange& from,
             std::function<std::optional<http::problem>(std::string_view topic)> may_see);

  private:
    void tell(http::exchange& to, const spool_receipt& found) const;

    boost::asio::io_context& loop_;
    spool* spool_;
    const receipt_writer& receipts_;
};

} // namespace millrace::ingress

// Where to listen: host:port, [v6]:port or :port, as endpoints to try in order.
#pragma once

#include "millrace/core/error.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace millrace::http {

/// May ask the resolver, so it is for start-up. On an error `message` says what to do.
std::vector<boost::asio::ip::tcp::endpoint> resolve_listen_address(std::string_view text,
                                                                   std::string& message, error_code& ec);

} // namespace millrace::http

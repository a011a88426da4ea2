// The socket of a connection, with the loop's own executor rather than one that can be any.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace millrace::http {

using socket_type =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// Before a stream's last close: plain TCP has nothing to say then that the close itself does not.
inline void say_goodbye(socket_type&) noexcept {}

} // namespace millrace::http

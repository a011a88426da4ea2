// The socket of a connection, with the loop's own executor rather than one that can be any.
#pragma once

#include "millrace/core/error.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>

namespace millrace::http {

using socket_type =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// As much as the kernel takes at once; error::would_block where that is nothing. The socket is non-blocking.
inline std::size_t write_at_once(socket_type& to, boost::asio::const_buffer octets, error_code& ec) {
    return to.write_some(octets, ec);
}

/// Before a stream's last close: plain TCP has nothing to say then that the close itself does not.
inline void say_goodbye(socket_type&) noexcept {}

} // namespace millrace::http

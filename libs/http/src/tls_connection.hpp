// Makes connections that speak TLS: a translation unit of its own, beside the one of plain connections.
#pragma once

#include "host.hpp"
#include "millrace/http/tls.hpp"
#include "socket.hpp"

#include <memory>
#include <string>

namespace millrace::http {

std::unique_ptr<connection_base> make_tls_connection(connection_host& host, socket_type socket,
                                                     std::string peer, const tls_context& with);

} // namespace millrace::http

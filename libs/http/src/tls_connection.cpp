#include "tls_connection.hpp"

#include "connection_impl.hpp"
#include "tls_stream.hpp"

#include <utility>

namespace millrace::http {

std::unique_ptr<connection_base> make_tls_connection(connection_host& host, socket_type socket,
                                                     std::string peer, const tls_context& with) {
    return std::make_unique<connection<tls_stream>>(host, tls_stream(std::move(socket), with),
                                                    std::move(peer));
}

} // namespace millrace::http

#include "listen_address.hpp"

#include "millrace/core/text.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>

namespace millrace::http {

namespace asio = boost::asio;
using asio::ip::tcp;

std::vector<tcp::endpoint> resolve_listen_address(std::string_view text, std::string& message,
                                                  error_code& ec) {
    const std::size_t colon = text.rfind(':');
    const auto port =
        colon == std::string_view::npos ? std::nullopt : parse_number<std::uint16_t>(text.substr(colon + 1));
    if (!port) {
        message = "\"" + std::string(text) +
                  "\" is not an address to listen on; write host:port, for example " +
                  "127.0.0.1:8080 or [::]:8080";
        ec = make_error_code(boost::system::errc::invalid_argument);
        return {};
    }
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    if (host.empty()) // every address, of IPv6 too where there is any
        return {{tcp::v6(), *port}, {tcp::v4(), *port}};
    const auto address = asio::ip::make_address(std::string(host), ec);
    if (!ec)
        return {{address, *port}};
    asio::io_context unused;
    tcp::resolver resolver(unused);
    std::vector<tcp::endpoint> found;
    for (const auto& entry : resolver.resolve(std::string(host), std::to_string(*port),
                                              tcp::resolver::passive | tcp::resolver::numeric_service, ec))
        found.push_back(entry.endpoint());
    if (ec)
        message = "cannot find the address of \"" + std::string(host) + "\" to listen on: " + ec.message();
    return found;
}

} // namespace millrace::http

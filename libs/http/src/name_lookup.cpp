#include "name_lookup.hpp"

#include <boost/asio/ip/address.hpp>

#include <utility>

namespace millrace::http {

namespace asio = boost::asio;
using asio::ip::tcp;

name_lookup::name_lookup(asio::io_context& loop, std::string host, std::uint16_t port)
    : resolver_(loop.get_executor()), host_(std::move(host)), port_(port) {
    error_code ec;
    const auto address = asio::ip::make_address(host_, ec);
    if (!ec)
        known_.emplace_back(address, port_);
}

name_lookup::name_lookup(asio::io_context& loop, endpoints known)
    : resolver_(loop.get_executor()), known_(std::move(known)) {}

void name_lookup::find(found then) {
    if (!known_.empty())
        return then({}, known_);
    waiting_.push_back(std::move(then));
    if (std::exchange(asked_, true))
        return;
    resolver_.async_resolve(
        host_, std::to_string(port_), tcp::resolver::numeric_service,
        [self = shared_from_this()](const error_code& ec, const tcp::resolver::results_type& results) {
            endpoints all;
            for (const auto& entry : results)
                all.push_back(entry.endpoint());
            self->answer(ec, all);
        });
}

void name_lookup::answer(const error_code& ec, const endpoints& all) {
    asked_ = false;
    for (const found& then : std::exchange(waiting_, {}))
        then(ec, all);
}

} // namespace millrace::http

// How a connection of a client comes to be: name, addresses, TLS.
#include "client_connection.hpp"

#include <algorithm>
#include <utility>

namespace millrace::http {
namespace {

std::string text_of(const boost::asio::ip::tcp::endpoint& e) {
    const std::string address = e.address().to_string();
    return (e.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(e.port());
}

} // namespace

void client_connection::begin(std::unique_ptr<client_exchange> first) {
    exchange_ = std::move(first);
    connect_deadline_ = std::min(steady_clock::now() + setup_->config.connect_timeout, exchange_->deadline);
    arm(connect_deadline_);
    names_->find([self = weak_from_this()](const error_code& ec, const name_lookup::endpoints& all) {
        if (const auto here = self.lock())
            here->on_resolved(ec, all);
    });
}

void client_connection::on_resolved(const error_code& ec, const name_lookup::endpoints& all) {
    if (stage_ != stage::resolving)
        return; // too late
    if (ec || all.empty())
        return fail(client_errc::unresolved, "No address is known for " + setup_->to.host + ": " +
                                                 (ec ? ec.message() : "the answer is empty") + ".");
    addresses_ = all;
    stage_ = stage::connecting;
    try_next_address();
}

/// Each address has its part of the time that is left, so that one which is silent leaves some to the others.
void client_connection::try_next_address() {
    if (next_address_ == addresses_.size())
        return fail(client_errc::unreachable, "Cannot connect to " + refusal_ + ".");
    const auto left = static_cast<int>(addresses_.size() - next_address_);
    const auto& to = addresses_[next_address_++];
    const steady_time now = steady_clock::now();
    arm(now + (connect_deadline_ - now) / left);
    socket_ = socket_type(executor_); // closes the one before
    socket_.async_connect(to, [self = shared_from_this(), attempt = next_address_](const error_code& ec) {
        self->on_connected(attempt, ec);
    });
}

void client_connection::on_connected(std::size_t attempt, const error_code& ec) {
    if (stage_ != stage::connecting || attempt != next_address_)
        return; // given up meanwhile
    if (ec) {
        refusal_ = text_of(addresses_[attempt - 1]) + ": " + ec.message();
        return try_next_address();
    }
    error_code ignored; // without it requests are only slower
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    stage_ = stage::shaking_hands;
    arm(connect_deadline_);
    const tls_context* const tls = setup_->to.tls ? setup_->config.tls.get() : nullptr;
    stream_ = make_client_stream(std::move(socket_), tls, setup_->to.host);
    stream_->shake_hands([self = shared_from_this()](const error_code& shaken, std::size_t) {
        self->on_hands_shaken(shaken);
    });
}

void client_connection::on_hands_shaken(const error_code& ec) {
    if (stage_ != stage::shaking_hands)
        return;
    if (ec) {
        const std::string why = stream_->failure();
        return fail(client_errc::tls_refused, "No TLS connection to " + setup_->to.host + ": " +
                                                  (why.empty() ? ec.message() : why) + ".");
    }
    start_request();
    read();
}

} // namespace millrace::http

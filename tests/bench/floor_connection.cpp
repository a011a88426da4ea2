// The path of a request in the floor, top to bottom.
#include "floor_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <cstring>
#include <utility>

namespace millrace::bench {
namespace {

using namespace std::string_view_literals;
using boost::beast::error_code;

constexpr auto accepted =
    "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
    "{\"stored\":true}"sv;
// In as many octets as a receipt of the product's has.
constexpr auto receipt =
    "HTTP/1.1 202 Accepted\r\nDate: Tue, 24 Nov 2026 03:03:59 GMT\r\nContent-Type: application/json\r\n"
    "Content-Length: 163\r\n\r\n"
    "{\"id\":\"019ab1c2-0000-7000-8000-000000000000\",\"source\":\"/"
    "millrace\",\"topic\":\"bench-millrace-000000\","
    "\"partition\":3,\"offset\":123456,\"timestamp\":\"2026-11-24T03:04:27.\"}"sv;
constexpr auto bad_request = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"sv;
constexpr auto unavailable =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"sv;

} // namespace

connection::connection(floor_server& server, tcp_socket socket)
    : server_(server), socket_(std::move(socket)) {}

void connection::start(std::list<connection>::iterator self) {
    self_ = self;
    active_at_ = server_.now_seconds();
    body_.reserve(buffer_.size());
    parser_.emplace(body_);
    read();
}

void connection::read() {
    socket_.async_read_some(asio::buffer(buffer_.data() + filled_, buffer_.size() - filled_),
                            [this](const error_code& error, std::size_t size) {
                                if (error)
                                    return end();
                                filled_ += size;
                                active_at_ = server_.now_seconds();
                                parse();
                            });
}

void connection::parse() {
    error_code error;
    const std::size_t used = parser_->put(asio::const_buffer(buffer_.data(), filled_), error);
    filled_ -= used;
    std::memmove(buffer_.data(), buffer_.data() + used, filled_);
    if (error && error != boost::beast::http::error::need_more)
        return answer(bad_request, false);
    if (parser_->is_done())
        return publish();
    if (filled_ == buffer_.size())
        return answer(bad_request, false);
    read();
}

void connection::publish() {
    if (!parser_->is_post())
        return answer(bad_request, false);
    in_flight_ = server_.send(body_, *this);
    if (!in_flight_)
        answer(unavailable, false);
}

void connection::on_delivery(bool stored) noexcept {
    in_flight_ = false;
    if (stored)
        server_.count_stored();
    answer(stored ? (server_.receipts() ? receipt : accepted) : unavailable,
           stored && parser_->keep_alive() && !closing_);
}

void connection::answer(std::string_view bytes, bool keep) {
    asio::async_write(socket_, asio::buffer(bytes), [this, keep](const error_code& error, std::size_t) {
        if (error || !keep)
            return end();
        parser_.emplace(body_);
        if (filled_ > 0)
            parse();
        else
            read();
    });
}

void connection::close() noexcept {
    closing_ = true;
    error_code ignored; // it is closed either way
    if (!in_flight_)
        socket_.close(ignored);
}

void connection::close_if_idle(std::uint32_t limit_seconds) noexcept {
    if (server_.now_seconds() - active_at_ > limit_seconds)
        close();
}

void connection::end() {
    server_.remove(self_);
}

} // namespace millrace::bench

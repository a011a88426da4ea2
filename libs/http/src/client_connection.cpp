#include "client_connection.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace millrace::http {
namespace {

std::string in_ms(milliseconds t) {
    return std::to_string(t.count()) + " ms";
}

} // namespace

client_connection::client_connection(boost::asio::io_context& loop,
                                     const std::shared_ptr<const client_setup>& setup,
                                     std::shared_ptr<name_lookup> names, owner& by)
    : setup_(setup),
      names_(std::move(names)),
      owner_(&by),
      executor_(loop.get_executor()),
      timer_(executor_),
      socket_(executor_),
      reader_({setup->config.max_head_bytes, setup->config.max_body_bytes, setup->config.kept_body_bytes}) {}

void client_connection::ask(std::unique_ptr<client_exchange> next) {
    exchange_ = std::move(next);
    start_request(); // the read is under way already
}

void client_connection::start_request() {
    stage_ = stage::asking;
    reader_.reset();
    written_ = 0;
    arm(exchange_->deadline);
    write();
}

/// One read is always under way, so that an idle connection is known to be closed as soon as it is, and an
/// answer that comes before all was sent is not missed.
void client_connection::read() {
    stream_->read_some(
        boost::asio::buffer(in_),
        [self = shared_from_this()](const error_code& ec, std::size_t bytes) { self->on_read(ec, bytes); });
}

void client_connection::on_read(const error_code& ec, std::size_t bytes) {
    if (stage_ == stage::gone)
        return;
    if (stage_ == stage::idle) { // closed; or it says something that nobody asked for
        close();
        return owner_->on_ended(*this);
    }
    if (ec)
        return on_cut(ec);
    switch (reader_.feed({in_.data(), bytes})) {
    case response_reader::phase::head:
    case response_reader::phase::body:
        return read();
    case response_reader::phase::complete:
        return finish();
    case response_reader::phase::failed:
        return fail(client_errc::malformed,
                    "What " + setup_->to.origin + " answered " + reader_.fault() + ".");
    }
}

void client_connection::on_cut(const error_code& ec) {
    if (ec == boost::asio::error::eof && reader_.end() == response_reader::phase::complete)
        return finish();
    if (const std::string why = stream_->failure(); !why.empty())
        return fail(client_errc::tls_refused,
                    "The TLS connection to " + setup_->to.host + " failed: " + why + ".");
    if (used_ && !reader_.begun() && !exchange_->retried) {
        close();
        return owner_->on_stale(*this, std::move(exchange_));
    }
    fail(client_errc::interrupted, "The connection to " + setup_->to.origin + " ended " +
                                       (reader_.begun() ? "within the answer" : "without an answer") + ": " +
                                       ec.message() + ".");
}

void client_connection::write() {
    writing_ = true;
    const auto& all = exchange_->octets;
    stream_->write_some(boost::asio::buffer(all->data() + written_, all->size() - written_),
                        [self = shared_from_this(), all](const error_code& ec, std::size_t bytes) {
                            self->on_written(ec, bytes);
                        });
}

/// A write that fails is no end: the answer may be there already, and the read says so, or how it ended.
void client_connection::on_written(const error_code& ec, std::size_t bytes) {
    writing_ = false;
    written_ += bytes;
    if (stage_ == stage::asking && !ec && written_ < exchange_->octets->size())
        write();
}

void client_connection::finish() {
    std::unique_ptr<client_exchange> done = std::move(exchange_);
    const response_reader read_to_its_end =
        reader_; // the next request may be sent before this answer is judged
    client_answer answer;
    answer.status = read_to_its_end.status();
    answer.retry_after = read_to_its_end.retry_after();
    answer.body = read_to_its_end.body();
    if (reader_.reusable() && !writing_ && written_ == done->octets->size()) {
        stage_ = stage::idle;
        used_ = true;
        arm(steady_clock::now() + setup_->config.idle_timeout);
        read();
    } else {
        close();
    }
    owner_->on_answer(*this, std::move(done), answer);
}

void client_connection::fail(client_errc why, const std::string& detail) {
    close();
    client_answer none;
    none.error = why;
    none.detail = detail;
    owner_->on_answer(*this, std::move(exchange_), none);
}

void client_connection::arm(steady_time at) {
    timer_.expires_at(at);
    timer_.async_wait([self = shared_from_this(), number = ++timers_](const error_code&) {
        if (number == self->timers_)
            self->on_deadline();
    });
}

void client_connection::on_deadline() {
    switch (stage_) {
    case stage::gone:
        return;
    case stage::idle:
        close();
        return owner_->on_ended(*this);
    case stage::resolving:
        return fail(client_errc::timed_out, "The address of " + setup_->to.host + " was not found within " +
                                                in_ms(setup_->config.connect_timeout) + ".");
    case stage::connecting:
        if (next_address_ < addresses_.size())
            return try_next_address();
        [[fallthrough]];
    case stage::shaking_hands:
        return fail(client_errc::timed_out, "No connection to " + setup_->to.origin + " within " +
                                                in_ms(setup_->config.connect_timeout) + ".");
    case stage::asking:
        return fail(client_errc::timed_out, (reader_.begun() ? "No whole answer from " : "No answer from ") +
                                                setup_->to.origin + " within " +
                                                in_ms(setup_->config.timeout) + ".");
    }
}

void client_connection::abandon() noexcept {
    exchange_.reset();
    close();
}

void client_connection::close() noexcept {
    stage_ = stage::gone;
    ++timers_;
    timer_.cancel();
    error_code ignored; // there is nothing to be done about a socket that does not close well
    socket_.close(ignored);
    if (stream_)
        stream_->close(!writing_);
}

} // namespace millrace::http

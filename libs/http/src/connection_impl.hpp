// The connection's steps, in the order of a request. For the translation units that instantiate it.
#pragma once

#include "connection_ends.hpp"
#include "connection_stream.hpp"
#include "faults.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <utility>

namespace millrace::http {

template <class Stream>
void connection<Stream>::read() {
    reading_ = true;
    const std::span<char> room = stage_ == stage::lingering || stage_ == stage::streaming
                                     ? std::span<char>(host_.discarded)
                                     : reader_.prepare();
    stream_.async_read_some(
        boost::asio::buffer(room.data(), room.size()),
        in_memory(read_memory_, [this](const error_code& ec, std::size_t bytes) { on_read(ec, bytes); }));
}

template <class Stream>
void connection<Stream>::on_read(const error_code& ec, std::size_t bytes) {
    reading_ = false;
    if (closed_)
        return leave();
    if (stage_ == stage::lingering)
        return on_discarded(ec, bytes);
    if (stage_ == stage::streaming)
        return on_heard_while_streaming(ec, bytes);
    if (stage_ != stage::reading)
        return; // timed out meanwhile: the answer to that is being written
    if (ec)
        return on_end(ec);
    reader_.commit(bytes);
    step();
}

/// A client that has closed its side still gets the answer to what it sent, complete or not.
template <class Stream>
void connection<Stream>::on_end(const error_code& ec) {
    if (ec == boost::asio::error::eof && reader_.current() != message_reader::phase::idle)
        return refuse(malformed("The connection ended within the request. Send all of it."));
    close();
    leave();
}

template <class Stream>
void connection<Stream>::step() {
    using phase = message_reader::phase;
    const phase before = reader_.current();
    const steady_time heard = steady_clock::now();
    if (before == phase::idle)
        started_ = heard;
    const phase after = reader_.advance();
    if (after == phase::complete)
        return dispatch(heard);
    if (after == phase::failed)
        return refuse(reader_.fault());
    if (after == phase::head && before == phase::idle && (!fresh_ || host_.draining))
        host_.set_deadline(*this, host_.config.header_timeout);
    else if (after == phase::body && before != phase::body)
        host_.set_deadline(*this, host_.config.body_timeout);
    if (reader_.take_continue())
        return send_continue();
    read();
}

template <class Stream>
void connection<Stream>::send_continue() {
    stage_ = stage::continuing;
    out_ = "HTTP/1.1 100 Continue\r\n\r\n";
    sending_ = out_;
    written_ = 0;
    write();
}

template <class Stream>
void connection<Stream>::fill_request(steady_time received) {
    const message_head& head = reader_.head();
    request_.method = head.method;
    request_.target = head.target;
    request_.path = head.path;
    request_.query = head.query;
    request_.headers = head.headers;
    request_.body = reader_.body();
    request_.received = received;
    parameters_.clear();
}

template <class Stream>
void connection<Stream>::dispatch(steady_time received) {
    fill_request(received);
    host_.clear_deadline(*this);
    stage_ = stage::handling;
    unanswered_ = true;
    dispatching_ = true;
    route_ = host_.routes.dispatch(*this, parameters_);
    dispatching_ = false;
    leave();
}

template <class Stream>
void connection<Stream>::refuse(const problem& p) {
    fill_request(steady_clock::now());
    route_ = request_.path.empty() ? std::string_view("other") : host_.routes.pattern_of(request_.path);
    stage_ = stage::handling;
    unanswered_ = true;
    http::respond(*this, p);
}

template <class Stream>
void connection<Stream>::respond(const response& answer) {
    unanswered_ = false;
    observed_ = false;
    answered_ = steady_clock::now();
    status_ = answer.status;
    if (closed_) {
        written_ = written_before_ = 0;
        observe_answer();
        return leave();
    }
    begin_answer(answer, body_framing::length, answer.close);
    stage_ = stage::writing;
    writing_ = true;
    host_.write_soon(*this);
}

/// Most answers fit into the kernel's buffer, and go there without an operation of the loop.
template <class Stream>
void connection<Stream>::write_answer() {
    at_once_error_ = boost::asio::error::operation_aborted;
    at_once_ = closed_ ? 0 : write_at_once(stream_, boost::asio::buffer(sending_), at_once_error_);
}

template <class Stream>
void connection<Stream>::after_answer() {
    if (at_once_error_ == boost::asio::error::would_block && !closed_)
        return write();
    on_written(at_once_error_, at_once_);
}

/// Makes the octets of the answer, or of its head, ready to be written.
template <class Stream>
void connection<Stream>::begin_answer(const response& answer, body_framing framing, bool close_after) {
    out_.clear();
    written_ = written_before_ = 0;
    close_after_ = close_after || host_.draining || !reader_.keep_alive();
    answer_frame frame{.date = host_.date.value(),
                       .head_request = request_.method == "HEAD",
                       .added_headers = added_headers(),
                       .framing = framing};
    if (close_after_)
        frame.connection = connection_option::close;
    else if (reader_.http10())
        frame.connection = connection_option::keep_alive;
    append_answer(out_, answer, frame);
    sending_ = out_;
    host_.set_deadline(*this, host_.config.write_timeout);
}

template <class Stream>
void connection<Stream>::write() {
    writing_ = true;
    stream_.async_write_some(
        boost::asio::buffer(sending_.data() + written_, sending_.size() - written_),
        in_memory(write_memory_, [this](const error_code& ec, std::size_t bytes) { on_written(ec, bytes); }));
}

template <class Stream>
void connection<Stream>::on_written(const error_code& ec, std::size_t bytes) {
    writing_ = false;
    written_ += bytes;
    if (ec)
        close();
    if (closed_) {
        observe_answer();
        return leave();
    }
    if (written_ < sending_.size())
        return write();
    if (stage_ == stage::streaming)
        return on_piece_written();
    if (stage_ == stage::continuing) {
        stage_ = stage::reading;
        return read();
    }
    observe_answer();
    if (close_after_)
        linger();
    else
        next_request();
}

template <class Stream>
void connection<Stream>::observe_answer() {
    if (std::exchange(observed_, true))
        return;
    add(host_.stats.requests, 1);
    if (host_.observe)
        host_.observe({.request = request(),
                       .route = route_,
                       .status = status_,
                       .request_bytes = reader_.octets(),
                       .response_bytes = written_before_ + written_,
                       .started = started_,
                       .answered = answered_,
                       .written = steady_clock::now(),
                       .notes = notes()});
}

template <class Stream>
void connection<Stream>::next_request() {
    stage_ = stage::reading;
    fresh_ = false;
    parameters_.clear();
    forget_notes();
    reader_.release();
    if (out_.capacity() > kept_output)
        std::string().swap(out_);
    if (reader_.current() != message_reader::phase::idle) {
        host_.set_deadline(*this, host_.config.header_timeout);
        started_ = answered_;
        return step();
    }
    idle_since_ = host_.now;
    host_.set_deadline(*this, host_.config.idle_timeout);
    read();
    if (host_.draining)
        begin_drain();
}

} // namespace millrace::http

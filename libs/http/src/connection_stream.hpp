// A connection whose answer has no end: the exchange has become a stream. For the translation units that
// instantiate it.
#pragma once

#include "connection.hpp"

#include <utility>

namespace millrace::http {

template <class Stream>
answer_stream* connection<Stream>::open(const response& head, stream_owner& owner) {
    const bool head_only = request_.method == "HEAD";
    unanswered_ = false;
    observed_ = false;
    answered_ = steady_clock::now();
    status_ = head.status;
    if (closed_) {
        written_ = written_before_ = 0;
        observe_answer();
        leave();
        return nullptr;
    }
    begin_answer(head, reader_.http10() ? body_framing::until_close : body_framing::chunked,
                 !head_only || head.close);
    if (head_only) {
        stage_ = stage::writing;
        write();
        return nullptr;
    }
    stage_ = stage::streaming;
    owner_ = &owner;
    ending_ = false;
    write();
    read(); // to notice when the client goes
    if (!host_.draining)
        return this;
    owner_ = nullptr;
    ending_ = true;
    return nullptr;
}

template <class Stream>
void connection<Stream>::send(stream_piece_ptr piece) {
    if (writing_)
        waiting_piece_ = std::move(piece);
    else
        write_piece(std::move(piece));
}

template <class Stream>
void connection<Stream>::write_piece(stream_piece_ptr piece) {
    piece_ = std::move(piece);
    written_before_ += written_;
    written_ = 0;
    sending_ = reader_.http10() ? piece_->octets() : piece_->chunk();
    host_.set_deadline(*this, host_.config.write_timeout);
    write();
}

template <class Stream>
void connection<Stream>::on_piece_written() {
    host_.clear_deadline(*this);
    piece_.reset();
    if (ending_)
        finish_stream();
    else if (waiting_piece_)
        write_piece(std::exchange(waiting_piece_, nullptr));
}

template <class Stream>
void connection<Stream>::end() {
    owner_ = nullptr;
    ending_ = true;
    if (!writing_)
        finish_stream();
}

template <class Stream>
void connection<Stream>::tell_owner() noexcept {
    if (stream_owner* const owner = std::exchange(owner_, nullptr))
        owner->on_gone(*this);
}

/// Not by the owner's wish.
template <class Stream>
void connection<Stream>::end_stream() {
    tell_owner();
    end();
}

template <class Stream>
void connection<Stream>::finish_stream() {
    waiting_piece_.reset();
    written_before_ += std::exchange(written_, 0);
    out_ = reader_.http10() ? "" : "0\r\n\r\n";
    sending_ = out_;
    stage_ = stage::writing;
    host_.set_deadline(*this, host_.config.write_timeout);
    if (!sending_.empty())
        return write();
    observe_answer();
    linger();
}

/// Nothing more is expected of the client. Half of a connection that it has closed is no reason to go on for
/// ever.
template <class Stream>
void connection<Stream>::on_heard_while_streaming(const error_code& ec, std::size_t bytes) {
    discarded_ += bytes;
    if (!ec && discarded_ < linger_bytes)
        return read();
    if (ec == boost::asio::error::eof)
        return end_stream();
    close();
    leave();
}

} // namespace millrace::http

// How a connection begins and how it ends: handshake, deadlines, drain, close.
#pragma once

#include "connection.hpp"
#include "faults.hpp"

#include <boost/asio/buffer.hpp>

#include <utility>

namespace millrace::http {

template <class Stream>
void connection<Stream>::start() {
    host_.set_deadline(*this, host_.config.header_timeout); // of the handshake and the first headers together
    if constexpr (with_handshake<Stream>) {
        stage_ = stage::handshaking;
        reading_ = true;
        stream_.async_handshake([this](const error_code& ec, std::size_t) { on_handshake(ec); });
    } else {
        read();
    }
}

template <class Stream>
void connection<Stream>::on_handshake(const error_code& ec) {
    reading_ = false;
    if (closed_)
        return leave();
    if (ec)
        return refuse_handshake();
    if constexpr (with_handshake<Stream>)
        request_.tls_subject = stream_.subject();
    stage_ = stage::reading;
    read();
    if (host_.draining)
        begin_drain();
}

/// A client that went away without a word, as a check of the port does, has not failed.
template <class Stream>
void connection<Stream>::refuse_handshake() {
    if constexpr (with_handshake<Stream>) {
        if (stream_.heard_anything())
            add(host_.stats.tls_handshake_failures, 1);
        if (stream_.heard_plain_http()) {
            const std::string answer = host_.refusal(plain_http_on_tls());
            error_code ignored; // a client that cannot take it now goes without
            write_at_once(stream_.lowest_layer(), boost::asio::buffer(answer), ignored);
        }
    }
    linger(); // the alert, too, is lost where the client's last octets are unread
}

/// Says that no more will be sent and takes for a while what the client still sends: closing at once would
/// make its kernel throw the answer away (RFC 9112, section 9.6).
template <class Stream>
void connection<Stream>::linger() {
    stage_ = stage::lingering;
    error_code ignored; // the client may be gone: the read will say so
    say_goodbye(stream_);
    stream_.lowest_layer().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    host_.set_deadline(*this, linger_time);
    if (!reading_)
        read();
}

template <class Stream>
void connection<Stream>::on_discarded(const error_code& ec, std::size_t bytes) {
    discarded_ += bytes;
    if (!ec && discarded_ < linger_bytes)
        return read();
    close();
    leave();
}

template <class Stream>
void connection<Stream>::on_deadline() {
    const bool asked = reader_.current() != message_reader::phase::idle;
    if (stage_ == stage::reading && (asked || (fresh_ && !host_.draining))) {
        add(host_.stats.timeouts, 1);
        return refuse(
            timed_out(reader_.current() == message_reader::phase::body
                          ? "The body did not arrive in time. Send it again, faster or in smaller pieces."
                          : "The headers did not arrive in time. Send the request again, in one piece."));
    }
    if (stage_ == stage::writing || stage_ == stage::streaming || stage_ == stage::continuing ||
        stage_ == stage::handshaking)
        add(host_.stats.timeouts, 1);
    if (stage_ == stage::handshaking)
        add(host_.stats.tls_handshake_failures, 1);
    close();
    leave();
}

/// An idle connection is closed, unless a request may be on its way already: one that was answered a moment
/// ago most likely sends its next one now, which an answer serves better than a reset.
template <class Stream>
void connection<Stream>::begin_drain() {
    if (stage_ == stage::handshaking)
        return host_.set_deadline(*this, drain_grace);
    if (stage_ == stage::streaming && !closed_ && !ending_)
        return end_stream();
    if (closed_ || stage_ != stage::reading || reader_.current() != message_reader::phase::idle)
        return;
    error_code ec;
    if (fresh_ || host_.now - idle_since_ < drain_grace || stream_.lowest_layer().available(ec) != 0)
        return host_.set_deadline(*this, drain_grace);
    close();
    leave();
}

template <class Stream>
void connection<Stream>::close() {
    if (std::exchange(closed_, true))
        return;
    host_.clear_deadline(*this);
    tell_owner();
    if (stage_ == stage::streaming && !writing_)
        observe_answer(); // else when the write ends
    if (!writing_)
        say_goodbye(stream_);
    error_code ignored; // there is nothing to be done about a socket that does not close well
    stream_.lowest_layer().close(ignored);
}

/// The last thing that a callback does: the connection may be gone afterwards.
template <class Stream>
void connection<Stream>::leave() {
    if (closed_ && settled() && !unanswered_ && !dispatching_)
        host_.remove(*this);
}

} // namespace millrace::http

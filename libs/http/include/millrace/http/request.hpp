// What an HTTP handler sees of a request, and how it answers.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/field.hpp"
#include "millrace/http/stream.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace millrace::http {

/// Views into the connection's buffers: valid until the exchange is answered.
struct request {
    std::string_view method;
    std::string_view target;
    std::string_view path;          ///< the target's path, still percent-encoded
    std::string_view query;         ///< after the first '?', without it
    std::span<const field> headers; ///< names as sent, values trimmed
    std::string_view body;
    std::string_view peer;        ///< address of the client, without port
    std::string_view tls_subject; ///< of the client's verified certificate: its common name, or else its
                                  ///< first alternative name, or else sha256:FINGERPRINT; empty without one
    std::span<const std::string_view>
        parameters;       ///< of the route's {…} segments, in order, still percent-encoded
    steady_time received; ///< when the last byte of the body was here

    /// The first header of that name, or empty where there is none.
    std::string_view header(std::string_view name) const noexcept;
};

struct response {
    unsigned status = 200;
    std::string_view content_type; ///< no Content-Type where empty
    std::string_view body;
    std::span<const field> headers; ///< besides Content-Type, Content-Length, Date, Connection
    bool close = false;             ///< close the connection after this answer
};

/// What a handler knows of a request that its observer wants to know. Forgotten with the request.
struct exchange_notes {
    std::array<char, 32> trace_id{}; ///< hexadecimal; all NUL: none
    std::uint32_t events = 0;
    std::string_view poster;  ///< of storage that outlives the exchange
    std::string_view problem; ///< code of the problem that it was answered with; static storage
};

/// One request that waits for its answer. Owned by its connection; stays valid, even where the client has
/// gone, until it is answered, and is to be answered exactly once, now or later, on the loop's thread. One
/// request of a connection is under way at a time, so pipelined ones are answered in order.
class exchange {
  public:
    virtual const http::request& request() const noexcept = 0;

    /// Copies what it needs before it returns. The exchange is gone afterwards.
    virtual void respond(const response& answer) = 0;

    /// Answers with an endless body instead: status and headers go out now, the pieces as `send` brings them;
    /// `owner` outlives the stream. The exchange is gone afterwards, and the stream is in its place. None
    /// where there is nothing to follow: the request is HEAD, the client has gone, the server drains. A
    /// client of HTTP/1.0 gets it without chunks. The connection is closed at its end.
    virtual answer_stream* open(const response& head, stream_owner& owner);

    exchange_notes& notes() noexcept { return notes_; }

    /// A header that the answer to this request gets whoever gives it, besides the answer's own.
    void add_header(std::string_view name, std::string_view value);
    /// The lines that `add_header` has made.
    std::string_view added_headers() const noexcept { return added_headers_; }

  protected:
    ~exchange() = default;
    void forget_notes() noexcept;

  private:
    exchange_notes notes_;
    std::string added_headers_;
};

} // namespace millrace::http

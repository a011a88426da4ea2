// An answer without end, in pieces that one who has news sends to many clients.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace millrace::http {

/// Octets that any number of streams send: made once, framed once (RFC 9112, section 7.1), never copied.
class stream_piece {
  public:
    /// `octets` is not empty: an empty chunk would be the last one.
    explicit stream_piece(std::string_view octets);

    std::string_view chunk() const noexcept { return text_; }
    std::string_view octets() const noexcept {
        return std::string_view(text_).substr(head_, text_.size() - head_ - 2);
    }

  private:
    std::string text_;
    std::size_t head_ = 0;
};

using stream_piece_ptr = std::shared_ptr<const stream_piece>;

/// What an exchange has become by `open`. Owned by its connection; valid until `end` was called or its owner
/// was told that it is gone, whichever is first. On the loop's thread.
class answer_stream {
  public:
    /// Sends the piece. While an earlier one is on its way it waits, in place of one that waits already: a
    /// client that reads slowly misses pieces, and one that reads nothing for `write_timeout` is dropped. So
    /// a stream holds two pieces at most. Never calls the owner back from within.
    virtual void send(stream_piece_ptr piece) = 0;

    /// What is on its way is finished; then the connection is closed.
    virtual void end() = 0;

  protected:
    ~answer_stream() = default;
};

class stream_owner {
  public:
    /// The client went away or was dropped, or the server drains.
    virtual void on_gone(answer_stream& s) noexcept = 0;

  protected:
    ~stream_owner() = default;
};

} // namespace millrace::http

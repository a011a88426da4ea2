// The octets of an answer: status line, headers and body in one piece.
#pragma once

#include "millrace/http/request.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace millrace::http {

/// The Date header's value (RFC 9110, section 5.6.7), made anew once a second.
class date_cache {
  public:
    void refresh(std::time_t now);
    std::string_view value() const noexcept { return value_; }

  private:
    std::time_t made_for_ = -1;
    std::string value_;
};

enum class connection_option { none, close, keep_alive };

/// How the client learns where the body ends.
enum class body_framing { length, chunked, until_close };

struct answer_frame {
    std::string_view date;
    connection_option connection = connection_option::none;
    bool head_request = false;                   ///< answered with the headers alone
    std::string_view added_headers{};            ///< whole lines
    body_framing framing = body_framing::length; ///< else the body follows by itself
};

/// One line. Control characters would let a value that quotes a request write headers of its own: they become
/// spaces.
void append_header(std::string& to, std::string_view name, std::string_view value);

void append_answer(std::string& to, const response& answer, const answer_frame& frame);

} // namespace millrace::http

#include "answer.hpp"

#include "millrace/core/text.hpp"

#include <algorithm>
#include <cstddef>

namespace millrace::http {
namespace {

std::string_view reason_of(unsigned status) {
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 417:
        return "Expectation Failed";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return ""; // RFC 9112, section 4: the phrase may be empty
    }
}

} // namespace

void append_header(std::string& to, std::string_view name, std::string_view value) {
    to.append(name).append(": ");
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; };
    const std::size_t from = to.size();
    to.append(value);
    if (!is_printable_ascii(value))
        std::replace_if(to.begin() + static_cast<std::ptrdiff_t>(from), to.end(), is_control, ' ');
    to.append("\r\n");
}

void date_cache::refresh(std::time_t now) {
    if (now == made_for_)
        return;
    made_for_ = now;
    constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm t{};
    gmtime_r(&now, &t);
    const auto two = [](int n) {
        return std::string{static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
    };
    value_ = std::string(days[t.tm_wday]) + ", " + two(t.tm_mday) + ' ' + months[t.tm_mon] + ' ' +
             std::to_string(t.tm_year + 1900) + ' ' + two(t.tm_hour) + ':' + two(t.tm_min) + ':' +
             two(t.tm_sec) + " GMT";
}

void append_answer(std::string& to, const response& answer, const answer_frame& frame) {
    to.append("HTTP/1.1 ");
    append_number(to, answer.status);
    to.append(" ").append(reason_of(answer.status)).append("\r\nDate: ").append(frame.date).append("\r\n");
    if (!answer.content_type.empty())
        append_header(to, "Content-Type", answer.content_type);
    const bool bodiless = answer.status == 204 || answer.status == 304;
    if (frame.framing == body_framing::chunked) {
        to.append("Transfer-Encoding: chunked\r\n");
    } else if (!bodiless && frame.framing == body_framing::length) {
        to.append("Content-Length: ");
        append_number(to, answer.body.size());
        to.append("\r\n");
    }
    for (const field& h : answer.headers)
        append_header(to, h.name, h.value);
    to.append(frame.added_headers);
    if (frame.connection == connection_option::close)
        to.append("Connection: close\r\n");
    else if (frame.connection == connection_option::keep_alive)
        to.append("Connection: keep-alive\r\n");
    to.append("\r\n");
    if (!bodiless && !frame.head_request)
        to.append(answer.body);
}

} // namespace millrace::http

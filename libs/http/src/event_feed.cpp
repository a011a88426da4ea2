#include "millrace/http/event_feed.hpp"

#include "faults.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace millrace::http {
namespace {

constexpr std::string_view retry_line = "retry: 2000\n";

std::string to_text(std::string_view name, std::string_view data) {
    std::string text(retry_line);
    text.append("event: ").append(name).append("\n");
    for (;;) { // CR, LF and CRLF end a line
        const std::size_t end = data.find_first_of("\r\n");
        text.append("data: ").append(data.substr(0, end)).append("\n");
        if (end == std::string_view::npos)
            break;
        data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    return text.append("\n");
}

problem full() {
    problem p =
        overloaded("As many clients follow this stream as may. Try again, or ask for single answers.");
    p.close = false;
    return p;
}

problem with_body() {
    problem p = malformed("A stream of events is asked for without a body. Send the request without it.");
    p.close = false;
    return p;
}

} // namespace

event_feed::~event_feed() {
    close();
}

void event_feed::receive(exchange& e) {
    if (!e.request().body.empty()) // it would be kept for as long as the stream lasts
        return respond(e, with_body());
    const bool head_only = e.request().method == "HEAD";
    if (!head_only && (closed_ || streams_.size() >= max_streams_))
        return respond(e, full());
    const field headers[] = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
    answer_stream* const opened =
        e.open({.status = 200, .content_type = "text/event-stream", .headers = headers}, *this);
    if (opened == nullptr)
        return;
    streams_.push_back(opened);
    opened->send(last_ ? last_ : std::make_shared<const stream_piece>(std::string(retry_line) + "\n"));
}

void event_feed::publish(std::string_view name, std::string_view data) {
    last_ = std::make_shared<const stream_piece>(to_text(name, data));
    for (answer_stream* const s : streams_)
        s->send(last_);
}

void event_feed::close() {
    closed_ = true;
    for (answer_stream* const s : std::exchange(streams_, {}))
        s->end();
}

void event_feed::on_gone(answer_stream& s) noexcept {
    std::erase(streams_, &s);
}

} // namespace millrace::http

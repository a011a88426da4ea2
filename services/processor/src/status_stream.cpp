#include "status_stream.hpp"

#include "millrace/processor/snapshot.hpp"

#include <string>

namespace millrace::processor {
namespace {

constexpr milliseconds interval{1'000};

} // namespace

// The first one is told at once; who comes later gets what was made for the others within this second.
void status_stream::receive(http::exchange& e) {
    if (!ticking_)
        publish();
    feed_.receive(e);
    if (!ticking_)
        tick();
}

void status_stream::publish() {
    snapshot now;
    events_.describe(now);
    std::string text = to_json(now);
    text.pop_back(); // the line's end, which would be a line of the event
    feed_.publish("status", text);
}

void status_stream::tick() {
    ticking_ = feed_.followers() > 0;
    if (!ticking_)
        return;
    timer_.expires_after(interval);
    timer_.async_wait([this](error_code cancelled) {
        if (cancelled)
            return;
        publish();
        tick();
    });
}

void status_stream::close() {
    feed_.close();
    timer_.cancel();
}

} // namespace millrace::processor

#include "log_watch.hpp"
#include "millrace/runtime/log.hpp"
#include "witness_of.hpp"

#include <string>
#include <utility>

namespace millrace::processor {
namespace {

constexpr milliseconds interval{5'000};
constexpr milliseconds deadline{2'000}; // of each question

} // namespace

void log_watch::stop() {
    stopped_ = true;
    timer_.cancel();
}

void log_watch::look_soon() {
    soon_ = true;
    if (!looking_)
        timer_.cancel(); // its handler looks
}

void log_watch::wait() {
    looking_ = false;
    timer_.expires_after(soon_ ? milliseconds{0} : interval);
    timer_.async_wait([this](error_code) {
        if (!stopped_)
            look();
    });
}

void log_watch::look() {
    looking_ = true;
    soon_ = failed_ = false;
    doubted_ = events_.doubted();
    claims_ = events_.claims();
    next();
}

// Where Kafka cannot be asked, the next round asks again. It is said once when that begins, and when it ends.
void log_watch::fail(const topic_partition& of, error_code why) {
    failed_ = true;
    if (!std::exchange(failing_, true))
        runtime::log(
            runtime::level::warn,
            "It cannot be told whether a log is still the one that was read before; it is asked again",
            {{"topic", of.topic},
             {"partition", std::to_string(value(of.partition))},
             {"reason", why.message()}});
}

void log_watch::end_round() {
    if (!failed_ && std::exchange(failing_, false))
        runtime::log(runtime::level::info, "It can be told again whether logs are those read before");
    wait();
}

void log_watch::next() {
    if (stopped_)
        return;
    if (!doubted_.empty()) {
        const topic_partition name = std::move(doubted_.back());
        doubted_.pop_back();
        start_over(name);
    } else if (!claims_.empty()) {
        const pipeline::claim c = std::move(claims_.back());
        claims_.pop_back();
        ask(c);
    } else {
        end_round();
    }
}

void log_watch::ask(const pipeline::claim& c) {
    cluster_.range(c.of, deadline, [this, c](result<kafka::log_range> log) {
        if (stopped_)
            return;
        if (log.has_value() && log->low <= c.seen.offset && c.seen.offset < log->high)
            return compare(c);
        if (log.has_value() && log->high <= c.seen.offset)
            doubt(c.of.topic); // it ends before a record that was there
        else if (log.has_value())
            events_.confirm(c.of); // retention has passed the record; another log would begin anew
        else
            fail(c.of, log.error());
        next();
    });
}

void log_watch::compare(const pipeline::claim& c) {
    cluster_.read(c.of, c.seen.offset, deadline, [this, c](result<kafka::message> found) {
        if (stopped_)
            return;
        if (found.has_value()) {
            const kafka::message& m = *found;
            const bool there = m && m.offset() == c.seen.offset; // else compaction has removed it
            if (there && witness_of(m) != c.seen)
                doubt(c.of.topic);
            else
                events_.confirm(c.of);
        } else {
            fail(c.of, found.error());
        }
        next();
    });
}

void log_watch::doubt(const std::string& topic) {
    events_.doubt(topic);
    soon_ = true;
}

// librdkafka's own idea of a log's beginning may be that of the old one.
void log_watch::start_over(const topic_partition& name) {
    cluster_.range(name, deadline, [this, name](result<kafka::log_range> log) {
        if (stopped_)
            return;
        if (log.has_value())
            events_.start_over(name, log->low);
        else
            fail(name, log.error());
        next();
    });
}

} // namespace millrace::processor

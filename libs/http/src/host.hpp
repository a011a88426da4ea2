// What the connections of one server share, and the table by which it finds and times them out.
#pragma once

#include "answer.hpp"
#include "message_reader.hpp"
#include "millrace/http/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace millrace::http {

/// Stats have one writer: a plain addition that other threads may read.
inline void add(std::atomic<std::uint64_t>& counter, std::uint64_t n) {
    counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

/// Owned by the host's table until it says `remove`.
class connection_base {
  public:
    virtual ~connection_base() = default;
    virtual void start() = 0; ///< once it is in the host's table
    virtual void on_deadline() = 0;
    virtual void begin_drain() = 0;
    virtual void cut_off() = 0;                ///< closes now, answered or not
    virtual void write_answer() = 0;           ///< what it gave to `write_soon`, and no more yet
    virtual void after_answer() = 0;           ///< when those of others are written too
    virtual bool settled() const noexcept = 0; ///< no operation of it is under way
    std::size_t slot = 0;
};

class connection_host {
  public:
    connection_host(boost::asio::io_context& on, server_config c, const router& r, observer o)
        : loop(on),
          config(std::move(c)),
          routes(r),
          observe(std::move(o)),
          budget(config.max_buffered_body_bytes, stats.buffered_body_bytes) {}

    connection_host(const connection_host&) = delete;
    connection_host& operator=(const connection_host&) = delete;

    void adopt(std::unique_ptr<connection_base> c);
    void remove(const connection_base& c);

    /// Has the answer of `c` written when the loop's current handler is done, which may well be one that
    /// tells of all that a broker has just stored. Answers that follow each other closely cost less: a client
    /// that asks on many connections is woken once, not for each of them; and most of the next requests are
    /// there when they are asked for. `c` is not settled until then.
    void write_soon(connection_base& c);

    /// The octets of an answer to a client that is not heard.
    std::string refusal(const problem& p) const;

    /// Deadlines are kept to the sweep's interval, so the sweep's clock will do: never early, seldom late.
    void set_deadline(const connection_base& c, milliseconds from_now) {
        slots[c.slot].deadline = now + from_now + sweep_interval;
    }
    void clear_deadline(const connection_base& c) { slots[c.slot].deadline = steady_time::max(); }

    struct slot {
        steady_time deadline;
        std::unique_ptr<connection_base> connection;
    };

    boost::asio::io_context& loop;
    const server_config config;
    const router& routes;
    const observer observe;
    server_stats stats;
    body_budget budget;
    date_cache date;
    std::vector<slot> slots; ///< side by side, so that a sweep reads little memory
    steady_time now{};       ///< as of the last sweep or accept
    milliseconds sweep_interval{250};
    bool draining = false;
    std::function<void()> on_removed;       ///< the last thing that `remove` calls
    std::vector<connection_base*> answered; ///< since answers were written last
    std::vector<connection_base*> being_written;
    std::array<char, 16'384> discarded; ///< what nobody will look at is read into this
};

inline void connection_host::adopt(std::unique_ptr<connection_base> c) {
    c->slot = slots.size();
    slots.push_back({steady_time::max(), std::move(c)});
    stats.connections_open.store(slots.size(), std::memory_order_relaxed);
}

inline void connection_host::write_soon(connection_base& c) {
    if (answered.empty())
        boost::asio::post(loop, [this] {
            // One whose next request has come already may be answered meanwhile: that is for the next time.
            std::swap(answered, being_written);
            for (connection_base* const each : being_written)
                each->write_answer();
            for (connection_base* const each : being_written)
                each->after_answer();
            being_written.clear();
        });
    answered.push_back(&c);
}

inline std::string connection_host::refusal(const problem& p) const {
    const std::string retry_after = std::to_string(p.retry_after_s);
    const field headers[] = {{"Retry-After", retry_after}};
    const std::size_t count = p.retry_after_s == 0 ? 0 : 1;
    const std::string body = to_json(p);
    std::string out;
    append_answer(out, {p.status, "application/problem+json", body, {headers, count}, true},
                  {.date = date.value(), .connection = connection_option::close});
    return out;
}

inline void connection_host::remove(const connection_base& c) {
    const std::size_t at = c.slot;
    std::swap(slots[at], slots.back());
    slots[at].connection->slot = at;
    slots.pop_back();
    stats.connections_open.store(slots.size(), std::memory_order_relaxed);
    on_removed();
}

} // namespace millrace::http

// A target of deliveries that does as it is told: octets over plain sockets, a thread for each connection,
// every wait bounded.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace millrace::test {

struct received_request {
    std::string head; ///< with its lines' ends
    std::string body;

    /// The value of the first header of that name, as sent; empty where there is none.
    std::string header(std::string_view name) const;
};

/// One connection, from the target's side.
class peer {
  public:
    explicit peer(int socket) : socket_(socket) {}
    ~peer();
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;

    /// The next request; nothing where the client has closed, or is silent for ten seconds.
    std::optional<received_request> next();
    /// Up to and with the end of its headers; the body stays unread.
    std::optional<std::string> head();

    void send(std::string_view octets) const;
    /// An answer with its length.
    void answer(int status, std::string_view headers = {}, std::string_view body = {}) const;
    void close();
    void reset();             ///< without a word: the client's next octet meets a reset
    bool wait_closed() const; ///< until the client has; false after ten seconds

  private:
    bool fill();

    int socket_;
    std::string buffer_;
};

class scripted_target {
  public:
    /// `script` runs for each connection, in a thread of its own, and closes it when it returns; `number`
    /// counts connections from 0.
    using script = std::function<void(peer& with, std::size_t number)>;

    explicit scripted_target(script s);
    ~scripted_target();
    scripted_target(const scripted_target&) = delete;
    scripted_target& operator=(const scripted_target&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    std::string url(std::string_view path = "/") const;
    std::size_t connections() const noexcept { return accepted_; }

  private:
    void accept();

    script script_;
    std::uint16_t port_ = 0;
    int listener_;
    std::atomic<std::size_t> accepted_{0};
    std::list<std::jthread> serving_;
    std::jthread accepting_;
};

/// Who connects to it gets no answer, not even a refusal.
class silent_listener {
  public:
    silent_listener();
    ~silent_listener();
    silent_listener(const silent_listener&) = delete;
    silent_listener& operator=(const silent_listener&) = delete;

    std::uint16_t port() const noexcept { return port_; }

  private:
    std::uint16_t port_ = 0;
    int listener_;
    std::list<int> filling_; ///< connections that take up its queue
};

/// A port of 127.0.0.1 where nobody listens.
std::uint16_t closed_port();

} // namespace millrace::test

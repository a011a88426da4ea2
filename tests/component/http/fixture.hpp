// A server on a thread of its own, and a client that writes and reads octets.
#pragma once

#include "millrace/http/event_feed.hpp"
#include "millrace/http/server.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::http::testing {

using namespace std::chrono_literals;

/// What the observer was told.
struct observation {
    unsigned status = 0;
    std::string route;
    std::string method;
    std::size_t bytes = 0;
    std::size_t request_bytes = 0;
    bool in_order = false; ///< started, received, answered, written
    std::uint32_t events = 0;
    std::string poster;
};

/// Routes: GET /hello; POST /echo; POST /size (the body's length); GET /large (16 MiB); POST /later (answered
/// by `answer_one`); GET /peer; GET /subject (of the client's certificate); GET /close (closes); GET /noted
/// (with notes and an added header); GET /items/{a}/{b} (the parameters); GET /feed (what `publish`
/// publishes).
class test_server {
  public:
    explicit test_server(server_config config = {});
    ~test_server(); ///< answers what waits, drains and ends the loop

    std::uint16_t port() const noexcept { return port_; }
    const server_stats& stats() const noexcept { return server_->stats(); }
    std::vector<observation> observed() const;

    void use(std::shared_ptr<tls_context> tls);

    /// Runs it on the loop and waits; at once where that is where it is called.
    void on_loop(const std::function<void()>& what);
    /// Starts to drain; ready when the server has called back.
    std::future<void> drain(milliseconds deadline);
    /// Answers the exchange that has waited longest, once there is one.
    void answer_one(std::string body);
    /// Answers all that wait, one after the other in one turn of the loop.
    void answer_all(const std::string& body);
    std::size_t waiting();

    static constexpr std::size_t max_followers = 2;
    void publish(const std::string& data); ///< as the event `news`
    std::size_t followers();
    void close_feed();

  private:
    struct loop_thread;
    void add_routes();
    void answer_first(const std::string& body);

    router routes_;
    std::deque<exchange*> later_; ///< of the loop
    event_feed feed_{max_followers};
    mutable std::mutex mutex_;
    std::vector<observation> observed_;
    std::unique_ptr<loop_thread> loop_;
    std::unique_ptr<server> server_;
    std::uint16_t port_ = 0;
    bool drained_ = false;
};

/// What a server says that is to listen there; empty where it could.
std::string listen_error_of(const std::string& address);

/// Waits for it, but not for ever.
bool eventually(const std::function<bool()>& what);

struct answer {
    int status = 0; ///< 0: none came
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    std::string header(std::string_view name) const;
    std::string code() const; ///< of a problem
};

class client {
  public:
    explicit client(std::uint16_t port, int receive_buffer = 0);
    virtual ~client();
    client(client&& other) noexcept;
    client(const client&) = delete;
    client& operator=(const client&) = delete;
    client& operator=(client&&) = delete;

    /// False where the server has closed.
    virtual bool send(std::string_view octets);
    void finish(); ///< no more will be sent
    void reset();  ///< goes away without a word
    answer read(bool without_body = false);
    answer read_head();                           ///< of an answer whose body has no length
    std::string read_until(std::string_view end); ///< without it; empty where it does not come
    std::string read_line();                      ///< of an interim answer: up to the empty line
    bool has_heard() const;                       ///< something waits to be read
    bool ended();                                 ///< the server has closed its side and sent nothing more

  protected:
    virtual long receive(char* to, std::size_t room);
    int descriptor() const noexcept { return fd_; }

  private:
    bool fill();

    int fd_ = -1;
    std::string buffer_;
};

/// One request on a connection of its own.
answer ask(std::uint16_t port, std::string_view octets);

std::string get(std::string_view path, std::string_view headers = "");
std::string post(std::string_view path, std::string_view body, std::string_view headers = "");

} // namespace millrace::http::testing

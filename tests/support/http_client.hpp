// A blocking HTTP client for tests: plain sockets, every wait bounded, nothing interpreted that a test should
// see.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::test {

struct http_answer {
    int status = 0;                             ///< 0: the connection ended or nothing came in time
    std::map<std::string, std::string> headers; ///< names in lower case; the last one of a name counts
    std::string body;
};

/// One connection to 127.0.0.1. Every read and write gives up after ten seconds.
class http_client {
  public:
    explicit http_client(std::uint16_t port);
    ~http_client();
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    void send(std::string_view bytes);
    http_answer receive(bool to_head = false);

    /// Sends a request with Host and, where there is a body, Content-Length; returns its answer. `headers`
    /// are whole lines with CRLF.
    http_answer request(std::string_view method, std::string_view target, std::string_view headers = {},
                        std::string_view body = {});

    /// No more from this side; what the other sends can still be read.
    void finish_sending();

  private:
    bool fill();

    int socket_ = -1;
    std::string buffer_;
};

/// On a connection of its own.
http_answer post(std::uint16_t port, std::string_view target, std::string_view content_type,
                 std::string_view body, std::string_view headers = {});
http_answer get(std::uint16_t port, std::string_view target, std::string_view headers = {});

} // namespace millrace::test

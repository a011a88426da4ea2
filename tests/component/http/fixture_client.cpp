// The client of the fixture, on a plain socket.
#include "fixture.hpp"

#include "millrace/core/text.hpp"

#include <nlohmann/json.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace millrace::http::testing {

std::string answer::header(std::string_view name) const {
    for (const auto& [n, value] : headers)
        if (iequals(n, name))
            return value;
    return {};
}

std::string answer::code() const {
    if (header("Content-Type") != "application/problem+json")
        return {};
    const auto json = nlohmann::json::parse(body);
    if (json["status"] != status || json["title"].empty() || json["detail"].empty())
        return "incomplete problem";
    return json["code"];
}

client::client(std::uint16_t port, int receive_buffer)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{20, 0};
    const int at_once = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (receive_buffer != 0)
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        throw std::runtime_error("cannot connect");
}

client::client(client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

client::~client() {
    if (fd_ >= 0)
        ::close(fd_);
}

bool client::send(std::string_view octets) {
    while (!octets.empty()) {
        const ssize_t n = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        octets.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

void client::finish() {
    ::shutdown(fd_, SHUT_WR);
}

void client::reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(fd_, -1));
}

long client::receive(char* to, std::size_t room) {
    return ::recv(fd_, to, room, 0);
}

bool client::fill() {
    char piece[65'536];
    const long n = receive(piece, sizeof piece);
    if (n <= 0)
        return false;
    buffer_.append(piece, static_cast<std::size_t>(n));
    return true;
}

std::string client::read_until(std::string_view end) {
    std::size_t at = 0;
    while ((at = buffer_.find(end)) == std::string::npos)
        if (!fill())
            return {};
    std::string before = buffer_.substr(0, at);
    buffer_.erase(0, at + end.size());
    return before;
}

std::string client::read_line() {
    return read_until("\r\n\r\n");
}

answer client::read_head() {
    const std::string head = read_line();
    answer a;
    if (!head.starts_with("HTTP/1.1 "))
        return a;
    a.status = std::stoi(head.substr(9));
    std::size_t at = head.find("\r\n");
    while (at != std::string::npos) {
        const std::size_t end = head.find("\r\n", at + 2);
        const std::string line = head.substr(at + 2, end == std::string::npos ? end : end - at - 2);
        const std::size_t colon = line.find(": ");
        a.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
        at = end;
    }
    return a;
}

answer client::read(bool without_body) {
    answer a = read_head();
    const std::string length = a.header("Content-Length");
    const std::size_t size = without_body || length.empty() ? 0 : std::stoul(length);
    while (buffer_.size() < size)
        if (!fill())
            return {};
    a.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return a;
}

bool client::has_heard() const {
    char octet = 0;
    return ::recv(fd_, &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

bool client::ended() {
    if (!buffer_.empty())
        return false;
    char piece = 0;
    return receive(&piece, 1) == 0;
}

answer ask(std::uint16_t port, std::string_view octets) {
    client c(port);
    c.send(octets);
    return c.read();
}

std::string get(std::string_view path, std::string_view headers) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view headers) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(headers) + "\r\n" + std::string(body);
}

} // namespace millrace::http::testing

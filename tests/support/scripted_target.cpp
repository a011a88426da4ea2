#include "scripted_target.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace millrace::test {
namespace {

constexpr timeval patience{10, 0};

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

int listen_anywhere(std::uint16_t& port, int queue = 128) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 || ::listen(fd, queue) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0)
        throw std::runtime_error("cannot listen");
    port = ntohs(at.sin_port);
    return fd;
}

} // namespace

std::string received_request::header(std::string_view name) const {
    const std::string wanted = "\r\n" + lower(name) + ": ";
    const auto at = lower(head).find(wanted);
    if (at == std::string::npos)
        return {};
    const auto from = at + wanted.size();
    return head.substr(from, head.find("\r\n", from) - from);
}

peer::~peer() {
    close();
}

void peer::close() {
    if (socket_ >= 0)
        ::close(std::exchange(socket_, -1));
}

void peer::reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

bool peer::fill() {
    char piece[65'536];
    const ssize_t n = ::recv(socket_, piece, sizeof piece, 0);
    if (n <= 0)
        return false;
    buffer_.append(piece, static_cast<std::size_t>(n));
    return true;
}

std::optional<std::string> peer::head() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
        if (!fill())
            return std::nullopt;
    std::string out = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    return out;
}

std::optional<received_request> peer::next() {
    auto text = head();
    if (!text)
        return std::nullopt;
    received_request got{std::move(*text), {}};
    const std::size_t length = std::stoul("0" + got.header("content-length"));
    while (buffer_.size() < length)
        if (!fill())
            return std::nullopt;
    got.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return got;
}

void peer::send(std::string_view octets) const {
    while (!octets.empty()) {
        const ssize_t n = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (n <= 0)
            return; // the client's side says what became of it
        octets.remove_prefix(static_cast<std::size_t>(n));
    }
}

void peer::answer(int status, std::string_view headers, std::string_view body) const {
    send("HTTP/1.1 " + std::to_string(status) + " x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(headers) + "\r\n" + std::string(body));
}

bool peer::wait_closed() const {
    char piece[4'096];
    ssize_t n = 0;
    while ((n = ::recv(socket_, piece, sizeof piece, 0)) > 0) {
    }
    return n == 0 || errno == ECONNRESET;
}

scripted_target::scripted_target(script s) : script_(std::move(s)), listener_(listen_anywhere(port_)) {
    accepting_ = std::jthread([this] { accept(); });
}

scripted_target::~scripted_target() {
    ::shutdown(listener_, SHUT_RDWR); // wakes the accept
    accepting_.join();
    ::close(listener_);
    serving_.clear(); // joins
}

void scripted_target::accept() {
    int fd = 0;
    while ((fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) {
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        const std::size_t number = accepted_++;
        serving_.emplace_back([this, fd, number] {
            peer with(fd);
            script_(with, number);
        });
    }
}

std::string scripted_target::url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

// The kernel drops what a full queue has no room for, and the client goes on asking.
silent_listener::silent_listener() : listener_(listen_anywhere(port_, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port_);
    for (int i = 0; i < 4; ++i) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        filling_.push_back(fd);
        ::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at); // under way, or done
    }
}

silent_listener::~silent_listener() {
    for (const int fd : filling_)
        ::close(fd);
    ::close(listener_);
}

std::uint16_t closed_port() {
    std::uint16_t port = 0;
    ::close(listen_anywhere(port));
    return port;
}

} // namespace millrace::test

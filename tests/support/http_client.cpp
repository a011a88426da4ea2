#include "http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

namespace millrace::test {

http_client::http_client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket_);
        throw std::runtime_error("cannot connect to port " + std::to_string(port));
    }
}

http_client::~http_client() {
    ::close(socket_);
}

void http_client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return; // the answer, or its absence, tells the rest
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void http_client::finish_sending() {
    ::shutdown(socket_, SHUT_WR);
}

bool http_client::fill() {
    char block[16'384];
    const ssize_t got = ::recv(socket_, block, sizeof block, 0);
    if (got <= 0)
        return false;
    buffer_.append(block, static_cast<std::size_t>(got));
    return true;
}

http_answer http_client::receive(bool to_head) {
    http_answer answer;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
        if (!fill())
            return answer;
    const std::string head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    std::from_chars(head.data() + 9, head.data() + 12, answer.status);
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
        const std::size_t line_end = head.find("\r\n", at);
        const std::size_t colon = head.find(':', at);
        std::string name = head.substr(at, colon - at);
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
        answer.headers[name] = head.substr(colon + 2, line_end - colon - 2);
        at = line_end + 2;
    }
    if (answer.status == 100)
        return answer;
    std::size_t length = 0;
    if (const auto said = answer.headers.find("content-length"); said != answer.headers.end() && !to_head)
        length = std::stoul(said->second);
    while (buffer_.size() < length)
        if (!fill())
            return {};
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return answer;
}

http_answer http_client::request(std::string_view method, std::string_view target, std::string_view headers,
                                 std::string_view body) {
    std::string text;
    text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers);
    if (!body.empty() || method == "POST")
        text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    text.append("\r\n").append(body);
    send(text);
    return receive(method == "HEAD");
}

http_answer post(std::uint16_t port, std::string_view target, std::string_view content_type,
                 std::string_view body, std::string_view headers) {
    std::string all(headers);
    if (!content_type.empty())
        all.append("Content-Type: ").append(content_type).append("\r\n");
    return http_client(port).request("POST", target, all, body);
}

http_answer get(std::uint16_t port, std::string_view target, std::string_view headers) {
    return http_client(port).request("GET", target, headers);
}

} // namespace millrace::test

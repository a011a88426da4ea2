#include "client_stream.hpp"

#include "tls_stream.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace millrace::http {
namespace {

class plain_client_stream final : public client_stream {
  public:
    explicit plain_client_stream(socket_type socket) : socket_(std::move(socket)) {}

    void shake_hands(done then) override {
        boost::asio::post(socket_.get_executor(), [then = std::move(then)] { then({}, 0); });
    }
    void read_some(boost::asio::mutable_buffer to, done then) override {
        socket_.async_read_some(to, std::move(then));
    }
    void write_some(boost::asio::const_buffer from, done then) override {
        socket_.async_write_some(from, std::move(then));
    }
    void close(bool) noexcept override {
        error_code ignored; // there is nothing to be done about a socket that does not close well
        socket_.close(ignored);
    }
    std::string failure() const override { return {}; }

  private:
    socket_type socket_;
};

class tls_client_stream final : public client_stream {
  public:
    tls_client_stream(socket_type socket, const tls_context& with, const std::string& host)
        : stream_(std::move(socket), with, host) {}

    void shake_hands(done then) override { stream_.async_handshake(std::move(then)); }
    void read_some(boost::asio::mutable_buffer to, done then) override {
        stream_.async_read_some(to, std::move(then));
    }
    void write_some(boost::asio::const_buffer from, done then) override {
        stream_.async_write_some(from, std::move(then));
    }
    void close(bool politely) noexcept override {
        if (politely)
            stream_.say_goodbye();
        error_code ignored; // as above
        stream_.lowest_layer().close(ignored);
    }
    std::string failure() const override { return stream_.failure(); }

  private:
    tls_stream stream_;
};

} // namespace

std::unique_ptr<client_stream> make_client_stream(socket_type socket, const tls_context* tls,
                                                  const std::string& host) {
    if (tls == nullptr)
        return std::make_unique<plain_client_stream>(std::move(socket));
    return std::make_unique<tls_client_stream>(std::move(socket), *tls, host);
}

} // namespace millrace::http

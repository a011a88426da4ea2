// The addresses of one host, asked for whenever a connection is made; those who ask at the same time share
// the answer.
#pragma once

#include "millrace/core/error.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace millrace::http {

/// On one loop. The resolver blocks a thread of its own, which the loop's context owns, and cannot be
/// interrupted: at most one question is under way, and whoever asks has a deadline of his own.
class name_lookup : public std::enable_shared_from_this<name_lookup> {
  public:
    using endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
    using found = std::function<void(const error_code&, const endpoints&)>;

    name_lookup(boost::asio::io_context& loop, std::string host, std::uint16_t port);
    /// Of a host whose addresses are known.
    name_lookup(boost::asio::io_context& loop, endpoints known);

    /// Calls back later, or from within where the addresses are known.
    void find(found then);

    /// Nobody waits any more.
    void abandon() noexcept { waiting_.clear(); }

  private:
    void answer(const error_code& ec, const endpoints& all);

    boost::asio::ip::basic_resolver<boost::asio::ip::tcp, boost::asio::io_context::executor_type> resolver_;
    std::string host_;
    std::uint16_t port_ = 0;
    endpoints known_; ///< of an address, itself
    std::vector<found> waiting_;
    bool asked_ = false;
};

} // namespace millrace::http

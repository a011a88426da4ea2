// How another thread tells a loop what it was asked for: by posting, and the loop does not end before.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace millrace::ingress {

/// A function that may be called once, on any thread; `then` is called with its argument on the loop.
template <class Then>
auto on_loop(boost::asio::io_context& loop, Then then) {
    return [&loop, work = boost::asio::make_work_guard(loop), then = std::move(then)](auto answer) {
        boost::asio::post(loop, [then, answer = std::move(answer)]() mutable { then(std::move(answer)); });
    };
}

} // namespace millrace::ingress

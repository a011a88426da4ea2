// The thread that blocks, and the way of a call to it and of its answer back to the loop.
#include "millrace/kafka/transactor.hpp"

#include "client_conf.hpp"
#include "millrace/kafka/error.hpp"
#include "transaction_client.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <exception>
#include <utility>

namespace millrace::kafka {

struct transactor::impl {
    impl(boost::asio::io_context& on, transactor_config c) : loop(on), config(std::move(c)) {}
    ~impl() {
        hurry = true;
        thread.join();
    }
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    /// Runs `blocking` on the thread, then `done` with what it returned on the loop, which runs until then.
    template <class Blocking, class Done>
    void ask(Blocking blocking, Done done) {
        boost::asio::post(thread, [this, guard = boost::asio::make_work_guard(loop),
                                   blocking = std::move(blocking), done = std::move(done)]() mutable {
            auto answer = blocking();
            boost::asio::post(loop, [guard = std::move(guard), done = std::move(done),
                                     answer = std::move(answer)]() mutable { done(std::move(answer)); });
        });
    }

    transaction_client::failure open(steady_time deadline) {
        client.reset(); // the brokers would fence it anyway
        try {
            client = std::make_unique<transaction_client>(config, hurry);
        } catch (const std::exception& problem) {
            return {errc::not_allowed, problem.what()};
        }
        auto failed = client->init(deadline);
        if (failed.error)
            client.reset();
        return failed;
    }

    transaction_outcome publish(const std::vector<transaction_record>& records, const sequel& then,
                                steady_time deadline) {
        if (!client)
            return {errc::closed, "the transactor is not open", {}};
        auto out = client->run(records, then, deadline);
        if (out.error)
            client.reset();
        return out;
    }

    boost::asio::io_context& loop;
    transactor_config config;
    std::atomic<bool> hurry = false;
    std::unique_ptr<transaction_client> client; ///< the thread's
    boost::asio::thread_pool thread{1};         ///< last: it is joined first
};

transactor::transactor(boost::asio::io_context& loop, transactor_config config) {
    static_cast<void>(make_conf(config.client, client_role::producer)); // to throw here, not there
    impl_ = std::make_unique<impl>(loop, std::move(config));
}

transactor::~transactor() = default;

void transactor::open(milliseconds deadline, std::function<void(error_code, std::string)> done) {
    impl_->ask(
        [i = impl_.get(), until = steady_clock::now() + deadline] { return i->open(until); },
        [done = std::move(done)](transaction_client::failure f) { done(f.error, std::move(f.detail)); });
}

void transactor::publish(std::vector<transaction_record> records, sequel then, milliseconds deadline,
                         std::function<void(transaction_outcome)> done) {
    impl_->ask([i = impl_.get(), records = std::move(records), then = std::move(then),
                until = steady_clock::now() + deadline] { return i->publish(records, then, until); },
               [done = std::move(done)](transaction_outcome out) { done(std::move(out)); });
}

void transactor::close(std::function<void()> done) {
    impl_->ask(
        [i = impl_.get()] {
            i->client.reset();
            return 0;
        },
        [done = std::move(done)](int) { done(); });
}

void transactor::hurry() noexcept {
    impl_->hurry = true;
}

} // namespace millrace::kafka

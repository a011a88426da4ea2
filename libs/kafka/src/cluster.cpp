// The thread that asks, and the way of a question to it and of its answer back to the loop.
#include "millrace/kafka/cluster.hpp"

#include "client_conf.hpp"
#include "cluster_client.hpp"
#include "librdkafka_error.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace millrace::kafka {
namespace {

constexpr std::size_t max_questions = 256;

/// Asked on the cluster's thread; answered, by whoever is first, on the loop.
class question {
  public:
    question(boost::asio::io_context& loop, steady_time until)
        : deadline(until), timer(loop, until), loop_open_(loop.get_executor()) {}
    virtual ~question() = default;
    question(const question&) = delete;
    question& operator=(const question&) = delete;

    virtual void ask(cluster_client& client) = 0;
    virtual void settle(error_code error) = 0; ///< instead of asking
    virtual void answer() = 0;                 ///< once

    const steady_time deadline;
    boost::asio::steady_timer timer; ///< for while it waits

  private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> loop_open_;
};

template <class T>
class question_of final : public question {
  public:
    using asker = std::function<result<T>(cluster_client&, steady_time)>;

    question_of(boost::asio::io_context& loop, steady_time until, asker ask, cluster::callback<T> done)
        : question(loop, until), ask_(std::move(ask)), done_(std::move(done)) {}

    void ask(cluster_client& client) override {
        try {
            result_ = ask_(client, deadline);
        } catch (const std::exception&) { // a configuration that librdkafka does not take
            result_ = to_error_code(RD_KAFKA_RESP_ERR__INVALID_ARG);
        }
    }
    void settle(error_code error) override { result_ = error; }
    void answer() override { std::exchange(done_, nullptr)(std::move(result_)); }

  private:
    asker ask_;
    cluster::callback<T> done_;
    result<T> result_{error_code(errc::closed)};
};

using question_ptr = std::shared_ptr<question>;

/// Questions on their way to the thread, and answers on theirs to the loop. Outlives the cluster, so that
/// each question is answered.
struct desk {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<question_ptr> waiting;
    std::deque<question_ptr> settled;
    std::atomic<bool> stopping = false;

    bool put(const question_ptr& q) {
        {
            const std::lock_guard lock(mutex);
            if (waiting.size() >= max_questions)
                return false;
            waiting.push_back(q);
        }
        changed.notify_one();
        return true;
    }

    /// The next to be asked; none once this is to stop.
    question_ptr next() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return stopping || !waiting.empty(); });
        return stopping ? nullptr : take(waiting);
    }

    bool withdraw(const question_ptr& q) {
        const std::lock_guard lock(mutex);
        return std::erase(waiting, q) != 0;
    }

    void stop() {
        {
            const std::lock_guard lock(mutex);
            stopping = true;
        }
        changed.notify_all();
    }

    static question_ptr take(std::deque<question_ptr>& from) {
        auto q = std::move(from.front());
        from.pop_front();
        return q;
    }
};

void send(boost::asio::io_context& loop, const std::shared_ptr<desk>& desk, question_ptr q) {
    {
        const std::lock_guard lock(desk->mutex);
        desk->settled.push_back(std::move(q));
    }
    boost::asio::post(loop, [desk] {
        question_ptr next;
        {
            const std::lock_guard lock(desk->mutex);
            next = desk::take(desk->settled);
        }
        next->answer();
    });
}

void settle(boost::asio::io_context& loop, const std::shared_ptr<desk>& desk, question_ptr q,
            error_code error) {
    q->settle(error);
    send(loop, desk, std::move(q));
}

/// One that is being asked ends by itself.
void expire_while_waiting(boost::asio::io_context& loop, const std::shared_ptr<desk>& desk,
                          const question_ptr& q) {
    q->timer.async_wait([&loop, desk, weak = std::weak_ptr(q)](const error_code& cancelled) {
        const auto expired = weak.lock();
        if (!cancelled && expired && desk->withdraw(expired))
            settle(loop, desk, expired, to_error_code(RD_KAFKA_RESP_ERR__TIMED_OUT));
    });
}

} // namespace

struct cluster::impl {
    impl(boost::asio::io_context& on, client_config config)
        : loop(on), client(std::move(config), questions->stopping), thread([this] { run(); }) {}

    ~impl() {
        questions->stop();
        thread.join();
        for (auto& q : std::exchange(questions->waiting, {}))
            settle(loop, questions, std::move(q), errc::closed);
        // Of those not answered yet none may keep a record, which belongs to a client that ends here.
        for (const auto& q : questions->settled)
            q->settle(errc::closed);
    }

    void run() {
        while (auto q = questions->next()) {
            q->ask(client);
            send(loop, questions, std::move(q));
        }
    }

    template <class T, class Ask>
    void enqueue(milliseconds deadline, Ask ask, callback<T> done) {
        const auto q = std::make_shared<question_of<T>>(loop, steady_clock::now() + deadline, std::move(ask),
                                                        std::move(done));
        if (questions->put(q))
            expire_while_waiting(loop, questions, q);
        else
            settle(loop, questions, q, errc::queue_full);
    }

    boost::asio::io_context& loop;
    std::shared_ptr<desk> questions = std::make_shared<desk>();
    cluster_client client; ///< the thread's
    std::thread thread;
};

cluster::cluster(boost::asio::io_context& loop, client_config config) {
    static_cast<void>(make_conf(config, client_role::consumer)); // to throw here, not there
    impl_ = std::make_unique<impl>(loop, std::move(config));
}

cluster::~cluster() = default;

void cluster::describe(std::vector<std::string> topics, milliseconds deadline,
                       callback<cluster_description> done) {
    impl_->enqueue<cluster_description>(
        deadline,
        [topics = std::move(topics)](auto& client, auto until) { return client.describe(topics, until); },
        std::move(done));
}

void cluster::create_topic(topic_spec spec, milliseconds deadline, callback<void> done) {
    impl_->enqueue<void>(
        deadline,
        [spec = std::move(spec)](auto& client, auto until) { return client.create_topic(spec, until); },
        std::move(done));
}

void cluster::range(topic_partition of, milliseconds deadline, callback<log_range> done) {
    impl_->enqueue<log_range>(
        deadline, [of = std::move(of)](auto& client, auto until) { return client.range(of, until); },
        std::move(done));
}

void cluster::ends(std::vector<topic_partition> of, milliseconds deadline,
                   callback<std::vector<std::optional<record_offset>>> done) {
    impl_->enqueue<std::vector<std::optional<record_offset>>>(
        deadline, [of = std::move(of)](auto& client, auto until) { return client.ends(of, until); },
        std::move(done));
}

void cluster::committed(std::string group, topic_partition of, milliseconds deadline,
                        callback<std::optional<group_commit>> done) {
    impl_->enqueue<std::optional<group_commit>>(
        deadline,
        [group = std::move(group), of = std::move(of)](auto& client, auto until) {
            return client.committed(group, of, until);
        },
        std::move(done));
}

void cluster::read(topic_partition of, record_offset from, milliseconds deadline, callback<message> done) {
    impl_->enqueue<message>(
        deadline,
        [of = std::move(of), from](auto& client, auto until) { return client.read(of, from, until); },
        std::move(done));
}

void cluster::find(topic_partition of, unix_ms since, std::size_t limit, milliseconds deadline,
                   std::function<bool(const message&)> visit, callback<message> done) {
    impl_->enqueue<message>(
        deadline,
        [of = std::move(of), since, limit, visit = std::move(visit)](auto& client, auto until) {
            return client.find(of, since, limit, until, visit);
        },
        std::move(done));
}

void cluster::ranges(std::vector<topic_partition> of, milliseconds deadline,
                     callback<std::vector<log_range>> done) {
    impl_->enqueue<std::vector<log_range>>(
        deadline, [of = std::move(of)](auto& client, auto until) { return client.ranges(of, until); },
        std::move(done));
}

void cluster::scan(topic_partition of, record_offset from, record_offset to, milliseconds deadline,
                   std::function<bool(const message&)> visit, callback<record_offset> done) {
    impl_->enqueue<record_offset>(
        deadline,
        [of = std::move(of), from, to, visit = std::move(visit)](auto& client, auto until) {
            return client.scan(of, from, to, until, visit);
        },
        std::move(done));
}

} // namespace millrace::kafka

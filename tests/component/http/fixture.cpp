// The server of the fixture.
#include "fixture.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <condition_variable>
#include <stdexcept>
#include <thread>
#include <utility>

namespace millrace::http::testing {

namespace asio = boost::asio;

struct test_server::loop_thread {
    asio::io_context loop{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{loop.get_executor()};
    std::thread thread{[this] { loop.run(); }};
};

test_server::test_server(server_config config) : loop_(std::make_unique<loop_thread>()) {
    config.listen = "127.0.0.1:0";
    add_routes();
    on_loop([&] {
        server_ = std::make_unique<server>(loop_->loop, config, routes_, [this](const exchange_summary& s) {
            const std::lock_guard lock(mutex_);
            const bool in_order = s.started <= s.request.received && s.request.received <= s.answered &&
                                  s.answered <= s.written && s.started != steady_time{};
            observed_.push_back({s.status, std::string(s.route), std::string(s.request.method),
                                 s.response_bytes, s.request_bytes, in_order, s.notes.events,
                                 std::string(s.notes.poster)});
        });
        if (server_->listen())
            throw std::runtime_error(server_->listen_error());
        port_ = server_->port();
    });
}

test_server::~test_server() {
    if (!drained_)
        drain(0ms).wait();
    on_loop([&] { server_.reset(); });
    loop_->work.reset();
    loop_->thread.join();
}

void test_server::add_routes() {
    const auto text = [](exchange& e, std::string_view body) {
        e.respond({200, "text/plain", body, {}, false});
    };
    routes_.add("GET", "/hello", [=](exchange& e) { text(e, "hello"); });
    routes_.add("POST", "/echo", [=](exchange& e) { text(e, e.request().body); });
    routes_.add("POST", "/size", [=](exchange& e) { text(e, std::to_string(e.request().body.size())); });
    routes_.add("GET", "/large", [=](exchange& e) { text(e, std::string(16'777'216, 'l')); });
    routes_.add("POST", "/later", [this](exchange& e) { later_.push_back(&e); });
    routes_.add("GET", "/peer", [=](exchange& e) { text(e, e.request().peer); });
    routes_.add("GET", "/subject", [=](exchange& e) { text(e, e.request().tls_subject); });
    routes_.add("GET", "/close", [](exchange& e) { e.respond({200, {}, "bye", {}, true}); });
    routes_.add("GET", "/noted", [=](exchange& e) {
        e.notes().events = 7;
        e.notes().poster = "somebody";
        e.add_header("Vary", "Origin");
        e.add_header("X-Quoted", "a\r\nb");
        text(e, "noted");
    });
    routes_.add("GET", "/feed", [this](exchange& e) { feed_.receive(e); });
    routes_.add("GET", "/items/{a}/{b}", [=](exchange& e) {
        text(e, std::string(e.request().parameters[0]) + "," + std::string(e.request().parameters[1]));
    });
}

std::vector<observation> test_server::observed() const {
    const std::lock_guard lock(mutex_);
    return observed_;
}

void test_server::on_loop(const std::function<void()>& what) {
    if (loop_->loop.get_executor().running_in_this_thread())
        return what();
    std::packaged_task<void()> task(what);
    auto done = task.get_future();
    asio::post(loop_->loop, [&task] { task(); });
    done.get();
}

void test_server::use(std::shared_ptr<tls_context> tls) {
    on_loop([&] { server_->use(tls); });
}

std::future<void> test_server::drain(milliseconds deadline) {
    auto done = std::make_shared<std::promise<void>>();
    on_loop([&] { server_->drain(deadline, [done] { done->set_value(); }); });
    drained_ = true;
    return done->get_future();
}

std::size_t test_server::waiting() {
    std::size_t n = 0;
    on_loop([&] { n = later_.size(); });
    return n;
}

void test_server::answer_one(std::string body) {
    if (!eventually([this] { return waiting() != 0; }))
        throw std::runtime_error("no exchange waits");
    on_loop([&] { answer_first(body); });
}

void test_server::answer_all(const std::string& body) {
    on_loop([&] {
        while (!later_.empty())
            answer_first(body);
    });
}

void test_server::answer_first(const std::string& body) {
    exchange* const e = later_.front();
    later_.pop_front();
    e->respond({200, "text/plain", body + std::string(e->request().body), {}, false});
}

void test_server::publish(const std::string& data) {
    on_loop([&] { feed_.publish("news", data); });
}

std::size_t test_server::followers() {
    std::size_t n = 0;
    on_loop([&] { n = feed_.followers(); });
    return n;
}

void test_server::close_feed() {
    on_loop([&] { feed_.close(); });
}

std::string listen_error_of(const std::string& address) {
    asio::io_context loop;
    const router none;
    server s(loop, {.listen = address}, none);
    s.listen();
    return s.listen_error();
}

bool eventually(const std::function<bool()>& what) {
    std::mutex mutex;
    std::condition_variable never;
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < until) {
        if (what())
            return true;
        std::unique_lock lock(mutex);
        never.wait_for(lock, 1ms);
    }
    return what();
}

} // namespace millrace::http::testing

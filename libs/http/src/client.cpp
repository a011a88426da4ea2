// The client's connections: which one takes a request, and what becomes of those that end.
#include "millrace/http/client.hpp"

#include "answer.hpp"
#include "client_connection.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace millrace::http {
namespace {

std::shared_ptr<const client_setup> setup_of(client_config config) {
    auto to = parse_target_url(config.url);
    if (!to)
        throw std::runtime_error("\"" + config.url + "\" is not an http:// or https:// URL with a host");
    if (to->tls && !config.tls)
        throw std::runtime_error("https needs a TLS context");
    return std::make_shared<const client_setup>(client_setup{std::move(config), std::move(*to)});
}

std::string octets_of(const target_url& to, std::span<const field> headers, std::string_view body) {
    std::string out;
    out.reserve(512 + body.size());
    out.append("POST ").append(to.target).append(" HTTP/1.1\r\n");
    append_header(out, "Host", to.authority);
    for (const field& h : headers)
        append_header(out, h.name, h.value);
    append_header(out, "Content-Length", std::to_string(body.size()));
    return out.append("\r\n").append(body);
}

} // namespace

struct client::impl final : client_connection::owner {
    impl(boost::asio::io_context& on, client_config config)
        : loop(on),
          setup(setup_of(std::move(config))),
          names(std::make_shared<name_lookup>(on, setup->to.host, setup->to.port)) {}

    ~impl() override {
        names->abandon();
        for (const auto& c : all)
            c->abandon();
    }

    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    void send(std::unique_ptr<client_exchange> request);
    void open(std::unique_ptr<client_exchange> request);
    void remove(const client_connection& c);

    void on_answer(client_connection& of, std::unique_ptr<client_exchange> to,
                   const client_answer& answer) override;
    void on_stale(client_connection& of, std::unique_ptr<client_exchange> unanswered) override;
    void on_ended(client_connection& of) override { remove(of); }

    boost::asio::io_context& loop;
    std::shared_ptr<const client_setup> setup;
    std::shared_ptr<name_lookup> names;
    std::vector<std::shared_ptr<client_connection>> all;
    std::size_t under_way = 0; ///< requests
    client_stats counts;
};

/// The connection that was used last is the least likely to have been closed.
void client::impl::send(std::unique_ptr<client_exchange> request) {
    const auto idle = std::find_if(all.rbegin(), all.rend(), [](const auto& c) { return c->idle(); });
    if (idle == all.rend())
        return open(std::move(request));
    std::rotate(idle.base() - 1, idle.base(), all.end());
    all.back()->ask(std::move(request));
}

void client::impl::open(std::unique_ptr<client_exchange> request) {
    all.push_back(std::make_shared<client_connection>(loop, setup, names, *this));
    ++counts.opened;
    all.back()->begin(std::move(request));
}

void client::impl::remove(const client_connection& c) {
    std::erase_if(all, [&](const auto& one) { return one.get() == &c; });
}

void client::impl::on_answer(client_connection& of, std::unique_ptr<client_exchange> to,
                             const client_answer& answer) {
    --under_way;
    if (of.gone())
        remove(of);
    to->then(answer); // may do anything, end this client too
}

void client::impl::on_stale(client_connection& of, std::unique_ptr<client_exchange> unanswered) {
    remove(of);
    ++counts.reopened;
    unanswered->retried = true;
    open(std::move(unanswered)); // what other connections are kept may be as old
}

client::client(boost::asio::io_context& loop, client_config config)
    : impl_(std::make_unique<impl>(loop, std::move(config))) {}

client::~client() = default;

bool client::full() const noexcept {
    return impl_->under_way >= impl_->setup->config.max_connections;
}

void client::post(std::span<const field> headers, std::string_view body, callback then) {
    if (full())
        throw std::logic_error("a request over max_connections");
    auto request = std::make_unique<client_exchange>(
        client_exchange{std::make_shared<const std::string>(octets_of(impl_->setup->to, headers, body)),
                        std::move(then), steady_clock::now() + impl_->setup->config.timeout});
    ++impl_->under_way; // there may have been no memory for it
    impl_->send(std::move(request));
}

client_stats client::stats() const noexcept {
    client_stats now = impl_->counts;
    now.connections = impl_->all.size();
    now.idle = static_cast<std::uint64_t>(
        std::ranges::count_if(impl_->all, [](const auto& c) { return c->idle(); }));
    return now;
}

const std::string& client::origin() const noexcept {
    return impl_->setup->to.origin;
}

} // namespace millrace::http

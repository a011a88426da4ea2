// The listener, the sweep and the drain. Instantiates the connection of plain HTTP.
#include "millrace/http/server.hpp"

#include "connection_impl.hpp"
#include "listen_address.hpp"
#include "tls_connection.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <ctime>

namespace millrace::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using executor = asio::io_context::executor_type;
using acceptor_type = asio::basic_socket_acceptor<tcp, executor>;
using timer_type = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, executor>;

constexpr milliseconds longest_sweep_interval{250};
constexpr milliseconds accept_backoff{50};
constexpr milliseconds cut_off_interval{10}; ///< between looks at whether what was cut off has ended

milliseconds sweep_interval_of(const server_config& c) {
    const milliseconds least = std::min({c.header_timeout, c.body_timeout, c.idle_timeout, c.write_timeout});
    return std::clamp(least / 4, milliseconds(5), longest_sweep_interval);
}

std::string peer_of(const tcp::endpoint& from) {
    const asio::ip::address address = from.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

} // namespace

struct server::impl {
    impl(asio::io_context& on, server_config config, const router& routes, observer observe)
        : loop(on),
          host(on, std::move(config), routes, std::move(observe)),
          acceptor(on.get_executor()),
          incoming(on.get_executor()),
          backoff(on.get_executor()),
          sweeper(on.get_executor()) {
        tls = host.config.tls;
        host.sweep_interval = sweep_interval_of(host.config);
        host.on_removed = [this] { finish_drain(); };
    }

    error_code listen();
    void accept();
    void on_accept(const error_code& ec);
    void take(socket_type socket, const tcp::endpoint& from);
    void refuse(socket_type& socket);
    void tick();
    void arm_sweep(milliseconds interval);
    void sweep();
    milliseconds next_sweep() const;
    void drain(milliseconds deadline, std::function<void()> done);
    void finish_drain();

    asio::io_context& loop;
    connection_host host;
    acceptor_type acceptor;
    socket_type incoming;
    tcp::endpoint incoming_from;
    timer_type backoff;
    timer_type sweeper;
    std::string listen_error;
    std::shared_ptr<const tls_context> tls; ///< of the next connection; null: plain HTTP
    bool accepting = false;                 ///< an accept, or the pause before the next, is under way
    bool sweeping = false;                  ///< the sweep's timer is under way
    bool cut = false;                       ///< the drain's deadline has passed
    steady_time drain_until{};
    std::function<void()> drained;
};

error_code server::impl::listen() {
    error_code ec;
    const auto addresses = resolve_listen_address(host.config.listen, listen_error, ec);
    for (const tcp::endpoint& at : addresses) {
        acceptor.close(ec);
        acceptor.open(at.protocol(), ec);
        if (ec)
            continue;
        acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
        if (host.config.reuse_port)
            acceptor.set_option(asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true), ec);
        if (!ec)
            acceptor.bind(at, ec);
        if (!ec)
            acceptor.listen(tcp::acceptor::max_listen_connections, ec);
        if (!ec)
            acceptor.non_blocking(true, ec);
        if (!ec)
            break;
    }
    if (ec) {
        if (listen_error.empty())
            listen_error = "cannot listen on " + host.config.listen + ": " + ec.message();
        return ec;
    }
    accept();
    return {};
}

void server::impl::accept() {
    accepting = true;
    acceptor.async_accept(incoming, incoming_from, [this](const error_code& ec) { on_accept(ec); });
}

void server::impl::on_accept(const error_code& ec) {
    accepting = false;
    if (!ec) // also one that came as the drain began
        take(std::move(incoming), incoming_from);
    if (host.draining)
        return finish_drain();
    if (!ec)
        return accept();
    if (ec == asio::error::connection_aborted || ec == asio::error::interrupted)
        return accept();
    // Out of descriptors or memory: trying again at once would spin until a connection ends.
    add(host.stats.accept_failures, 1);
    accepting = true;
    backoff.expires_after(accept_backoff);
    backoff.async_wait([this](const error_code&) {
        accepting = false;
        host.draining ? finish_drain() : accept();
    });
}

void server::impl::take(socket_type socket, const tcp::endpoint& from) {
    error_code ignored; // a socket that takes no options tells at its first use
    socket.non_blocking(true, ignored);
    if (host.slots.size() >= host.config.max_connections)
        return refuse(socket);
    if (!sweeping)
        tick();
    add(host.stats.connections_accepted, 1);
    socket.set_option(tcp::no_delay(true), ignored);
    auto made = tls ? make_tls_connection(host, std::move(socket), peer_of(from), *tls)
                    : std::make_unique<connection<socket_type>>(host, std::move(socket), peer_of(from));
    connection_base& c = *made;
    host.adopt(std::move(made));
    c.start();
    if (host.draining)
        c.begin_drain();
    if (!sweeping)
        arm_sweep(host.sweep_interval);
}

/// Answers without waiting for the request: no memory and no descriptor is held.
void server::impl::refuse(socket_type& socket) {
    add(host.stats.connections_refused, 1);
    tick();
    error_code ignored; // a client that cannot take it now goes without
    if (tls) {          // a handshake is what is to be saved
        socket.close(ignored);
        return;
    }
    const std::string out =
        host.refusal(overloaded("This server has as many connections as it may. Try again, or another."));
    write_at_once(socket, asio::buffer(out), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    socket.read_some(asio::buffer(host.discarded),
                     ignored); // what is unread at close would reset the connection
    socket.close(ignored);
}

void server::impl::tick() {
    host.now = steady_clock::now();
    host.date.refresh(std::time(nullptr));
}

void server::impl::arm_sweep(milliseconds interval) {
    sweeping = true;
    sweeper.expires_after(interval);
    sweeper.async_wait([this](const error_code&) {
        sweeping = false;
        sweep();
    });
}

void server::impl::sweep() {
    tick();
    cut = host.draining && host.now >= drain_until;
    // Backwards: one that leaves is replaced by the last, which has been looked at.
    for (std::size_t i = host.slots.size(); i-- > 0;) {
        if (cut)
            host.slots[i].connection->cut_off();
        else if (host.slots[i].deadline <= host.now)
            host.slots[i].connection->on_deadline();
    }
    if (host.draining)
        finish_drain();
    if (!host.slots.empty() && (!host.draining || drained))
        arm_sweep(next_sweep());
}

milliseconds server::impl::next_sweep() const {
    if (cut)
        return cut_off_interval;
    if (!host.draining)
        return host.sweep_interval;
    const auto left = std::chrono::ceil<milliseconds>(drain_until - host.now);
    return std::clamp(left, milliseconds(0), host.sweep_interval);
}

void server::impl::drain(milliseconds deadline, std::function<void()> done) {
    tick();
    for (error_code ec; acceptor.is_open();) {
        tcp::endpoint from;
        socket_type socket(loop.get_executor());
        acceptor.accept(socket, from, ec);
        if (ec)
            break;
        take(std::move(socket), from);
    }
    host.draining = true;
    drained = std::move(done);
    drain_until = host.now + deadline;
    error_code ignored; // a listener that does not close well is closed none the less
    acceptor.close(ignored);
    backoff.cancel();
    for (std::size_t i = host.slots.size(); i-- > 0;)
        host.slots[i].connection->begin_drain();
    if (sweeping)
        sweeper.cancel(); // sweeps now, and from here on with an eye on the deadline
    finish_drain();
}

/// Calls back once nothing of the server is left on the loop, so that it can be destroyed there.
void server::impl::finish_drain() {
    if (!host.draining || !drained || accepting)
        return;
    const bool left = cut ? std::any_of(host.slots.begin(), host.slots.end(),
                                        [](const auto& s) { return !s.connection->settled(); })
                          : !host.slots.empty();
    if (left)
        return;
    if (sweeping) {
        sweeper.cancel();
        return;
    }
    asio::post(loop, std::exchange(drained, nullptr));
}

server::server(asio::io_context& loop, server_config config, const router& routes, observer observe)
    : impl_(std::make_unique<impl>(loop, std::move(config), routes, std::move(observe))) {}

server::~server() = default;

error_code server::listen() {
    return impl_->listen();
}

const std::string& server::listen_error() const noexcept {
    return impl_->listen_error;
}

std::uint16_t server::port() const noexcept {
    error_code ec;
    const tcp::endpoint at = impl_->acceptor.local_endpoint(ec);
    return ec ? std::uint16_t{0} : at.port();
}

void server::use(std::shared_ptr<const tls_context> tls) {
    impl_->tls = std::move(tls);
}

void server::drain(milliseconds deadline, std::function<void()> done) {
    impl_->drain(deadline, std::move(done));
}

const server_stats& server::stats() const noexcept {
    return impl_->host.stats;
}

} // namespace millrace::http

#include "tls_stream.hpp"

#include "millrace/crypto/encoding.hpp"

#include <boost/asio/error.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <climits>
#include <new>
#include <sys/socket.h>

namespace millrace::http {
namespace {

bool would_block(int error) noexcept {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/// The socket is asked for its descriptor each time: one that was closed must not read from its successor.
int descriptor_of(BIO* b) {
    return static_cast<socket_type*>(BIO_get_data(b))->native_handle();
}

int receive(BIO* b, char* to, int size) {
    BIO_clear_retry_flags(b);
    const ssize_t n = ::recv(descriptor_of(b), to, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (n < 0 && would_block(errno))
        BIO_set_retry_read(b);
    if (n == 0)
        BIO_set_flags(b, BIO_FLAGS_IN_EOF);
    return static_cast<int>(n);
}

/// OpenSSL's own would raise SIGPIPE.
int send_octets(BIO* b, const char* from, int size) {
    BIO_clear_retry_flags(b);
    const ssize_t n =
        ::send(descriptor_of(b), from, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && would_block(errno))
        BIO_set_retry_write(b);
    return static_cast<int>(n);
}

long control(BIO* b, int command, long, void*) {
    if (command == BIO_CTRL_EOF)
        return BIO_test_flags(b, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
    BIO_METHOD* const m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "asio socket");
    if (m == nullptr || BIO_meth_set_read(m, receive) != 1 || BIO_meth_set_write(m, send_octets) != 1 ||
        BIO_meth_set_ctrl(m, control) != 1)
        throw std::bad_alloc();
    return m;
}

int size_of(std::size_t bytes) noexcept {
    return bytes > INT_MAX ? INT_MAX : static_cast<int>(bytes);
}

/// Empty where it is no text that a line of a log or a rule could carry.
std::string text_of(const ASN1_STRING* s) {
    unsigned char* utf8 = nullptr;
    const int size = s == nullptr ? -1 : ASN1_STRING_to_UTF8(&utf8, s);
    std::string text;
    if (size > 0)
        text.assign(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return {};
    return text;
}

/// With several it would be up to the reader which one counts.
std::string common_name_of(const X509* certificate) {
    const X509_NAME* const name = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0)
        return {};
    return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

std::string alternative_name_of(const X509* certificate) {
    auto* const names =
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    std::string found;
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && found.empty(); ++i) {
        int type = 0;
        const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
        if (type == GEN_DNS || type == GEN_EMAIL || type == GEN_URI)
            found = text_of(static_cast<const ASN1_STRING*>(value));
    }
    GENERAL_NAMES_free(names);
    return found;
}

std::string fingerprint_of(const X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1)
        throw std::bad_alloc();
    return "sha256:" + crypto::to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

/// Never empty: a verified certificate is somebody's.
std::string subject_of(const X509* certificate) {
    std::string name = common_name_of(certificate);
    if (name.empty())
        name = alternative_name_of(certificate);
    return name.empty() ? fingerprint_of(certificate) : name;
}

} // namespace

void tls_stream::free_ssl::operator()(ssl_st* ssl) const noexcept {
    SSL_free(ssl);
}

tls_stream::tls_stream(socket_type socket, const tls_context& with)
    : socket_(std::move(socket)), ssl_(SSL_new(with.native())) {
    static BIO_METHOD* const method = make_method();
    BIO* const bio = ssl_ ? BIO_new(method) : nullptr;
    if (bio == nullptr)
        throw std::bad_alloc();
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
}

tls_stream::tls_stream(socket_type socket, const tls_context& with, const std::string& host)
    : tls_stream(std::move(socket), with) {
    SSL_set_connect_state(ssl_.get());
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(ssl_.get());
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const bool address = X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
    if (!address &&
        (SSL_set1_host(ssl_.get(), host.c_str()) != 1 ||
         SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(host.c_str())) != 1)) // copied; OpenSSL's macro casts the same
        throw std::bad_alloc();                           // else any certificate would do
    ERR_clear_error();
}

std::string tls_stream::failure() const {
    if (const long why = SSL_get_verify_result(ssl_.get()); reason_ != nullptr && why != X509_V_OK)
        return std::string("its certificate is not accepted: ") + X509_verify_cert_error_string(why);
    return reason_ == nullptr ? "" : reason_;
}

/// The socket stays where it is from here on.
void tls_stream::attach() noexcept {
    BIO_set_data(SSL_get_rbio(ssl_.get()), &socket_);
}

tls_stream::outcome tls_stream::shake_hands() {
    ERR_clear_error();
    const outcome o = explain(SSL_do_handshake(ssl_.get()));
    if (o.before_more == wait::none && !o.ec)
        if (const X509* const certificate = SSL_get0_peer_certificate(ssl_.get()))
            subject_ = subject_of(certificate);
    return o;
}

tls_stream::outcome tls_stream::read(boost::asio::mutable_buffer to) {
    if (broken_) { // what still comes is discarded, so that the alert reaches the client
        error_code ec;
        socket_.non_blocking(true, ec);
        const std::size_t n = ec ? 0 : socket_.read_some(to, ec);
        return {ec == boost::asio::error::would_block ? wait::readable : wait::none, ec, n};
    }
    ERR_clear_error();
    return explain(SSL_read(ssl_.get(), to.data(), size_of(to.size())));
}

tls_stream::outcome tls_stream::write(boost::asio::const_buffer from) {
    if (broken_)
        return {wait::none, boost::asio::error::broken_pipe, 0};
    ERR_clear_error();
    return explain(SSL_write(ssl_.get(), from.data(), size_of(from.size())));
}

tls_stream::outcome tls_stream::explain(int result) {
    if (result > 0)
        return {wait::none, {}, static_cast<std::size_t>(result)};
    const int system = errno;
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
        return {wait::readable, {}, 0};
    case SSL_ERROR_WANT_WRITE:
        return {wait::writable, {}, 0};
    case SSL_ERROR_ZERO_RETURN:
        return {wait::none, boost::asio::error::eof, 0};
    case SSL_ERROR_SYSCALL:
        broken_ = true;
        return {wait::none,
                system == 0 ? error_code(boost::asio::error::connection_reset)
                            : error_code(system, boost::system::system_category()),
                0};
    default:
        broken_ = true;
        plain_ = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
        reason_ = ERR_reason_error_string(ERR_peek_error());
        if (reason_ == nullptr)
            reason_ = "no reason given";
        ERR_clear_error();
        return {wait::none, make_error_code(boost::system::errc::protocol_error), 0};
    }
}

bool tls_stream::heard_anything() const noexcept {
    return BIO_number_read(SSL_get_rbio(ssl_.get())) != 0;
}

void tls_stream::say_goodbye() noexcept {
    if (broken_ || SSL_is_init_finished(ssl_.get()) == 0 || SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN)
        return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get()); // what it cannot say now it does not say
    ERR_clear_error();
}

} // namespace millrace::http

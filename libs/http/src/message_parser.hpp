// Beast's parser with the strictness that RFC 9112 leaves to the recipient: whatever a proxy in front could
// read differently is refused.
#pragma once

#include "millrace/core/field.hpp"
#include "millrace/http/problem.hpp"
#include "request_target.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::http {

/// What the head of a message says. Views into the octets that were parsed.
struct message_head {
    std::string_view method;
    std::string_view target;
    std::string_view path;
    std::string_view query;
    std::vector<field> headers;
    bool expects_continue = false;

    void clear() noexcept;
};

/// One a message, for its head alone: where a body ends is the reader's business.
class message_parser final : public boost::beast::http::basic_parser<true> {
  public:
    struct limits {
        std::size_t header_bytes;
        std::size_t body_bytes;
    };

    enum class coding { chunked, unknown, endless };

    message_parser(message_head& head, const limits& l);

    /// `octets` ends with the empty line.
    std::optional<problem> parse_head(std::string_view octets);

    bool http10() const noexcept { return version_ < 11; }

  private:
    using string_view = boost::beast::string_view;
    using error_code = boost::beast::error_code;
    using known_field = boost::beast::http::field;

    void on_request_impl(boost::beast::http::verb, string_view method, string_view target, int version,
                         error_code&) override;
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_field_impl(known_field, string_view name, string_view value, error_code&) override;
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view, error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override { return 0; }
    void on_finish_impl(error_code&) override {}
    // Beast calls this since Boost 1.90.
    void on_trailer_field_impl(known_field, string_view, string_view, error_code&) {}

    void check_known_field(known_field id, std::string_view value); ///< sets fault_
    void check_target();                                            ///< sets target_fault_
    std::optional<problem> check_framing() const;
    problem explain(error_code ec, std::string_view octets) const;

    message_head& head_;
    limits limits_;
    std::optional<problem> fault_;
    std::optional<problem> target_fault_;
    request_target target_;
    std::string_view host_;
    const char* head_end_ = nullptr;
    int version_ = 11;
    unsigned hosts_ = 0;
    unsigned content_lengths_ = 0;
    unsigned content_types_ = 0;
    unsigned transfer_encodings_ = 0;
    coding coding_ = coding::chunked;
    bool unknown_expectation_ = false;
};

} // namespace millrace::http

// The problems that the server itself answers with, before a handler sees the request.
#pragma once

#include "millrace/http/problem.hpp"

#include <string>

namespace millrace::http {

/// Every one of them closes the connection: where the next request begins is no longer certain.
inline problem make_fault(unsigned status, std::string_view code, std::string_view title,
                          std::string detail) {
    problem p;
    p.status = status;
    p.code = code;
    p.title = title;
    p.detail = std::move(detail);
    p.close = true;
    return p;
}

inline problem malformed(std::string detail) {
    return make_fault(400, "malformed_request", "Malformed request", std::move(detail));
}

inline problem timed_out(std::string detail) {
    problem p = make_fault(408, "request_timeout", "Request timeout", std::move(detail));
    p.retryable = true;
    return p;
}

inline problem body_too_large(std::size_t limit) {
    return make_fault(413, "too_large", "Content too large",
                      "The body is larger than " + std::to_string(limit) + " bytes. Send less at a time.");
}

inline problem target_too_long(std::size_t limit) {
    return make_fault(414, "uri_too_long", "URI too long",
                      "The request line is longer than " + std::to_string(limit) +
                          " bytes. Shorten the target.");
}

inline problem headers_too_large(std::string detail) {
    return make_fault(431, "headers_too_large", "Request header fields too large", std::move(detail));
}

inline problem expectation_failed() {
    return make_fault(417, "expectation_failed", "Expectation failed",
                      "The only expectation that is met is 100-continue. Send that or none.");
}

inline problem coding_not_implemented() {
    return make_fault(501, "transfer_coding_not_implemented", "Transfer coding not implemented",
                      "The only transfer coding that is understood is chunked. Send it alone.");
}

inline problem method_not_implemented() {
    return make_fault(501, "method_not_implemented", "Method not implemented",
                      "This is not a proxy. Send requests for this server itself.");
}

inline problem version_not_supported() {
    return make_fault(505, "http_version_not_supported", "HTTP version not supported",
                      "The request is of another version of HTTP. Use HTTP/1.1 or HTTP/1.0.");
}

inline problem plain_http_on_tls() {
    return malformed("This port speaks TLS. Write https:// instead of http://.");
}

inline problem overloaded(std::string detail) {
    problem p = make_fault(503, "overloaded", "Overloaded", std::move(detail));
    p.retryable = true;
    p.retry_after_s = 1;
    return p;
}

} // namespace millrace::http

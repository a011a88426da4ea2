#include "millrace/http/request.hpp"

#include "answer.hpp"
#include "millrace/core/text.hpp"

namespace millrace::http {
namespace {

constexpr std::size_t kept_headers = 512; ///< octets; the memory of more is given back

} // namespace

std::string_view request::header(std::string_view name) const noexcept {
    for (const field& h : headers)
        if (iequals(h.name, name))
            return h.value;
    return {};
}

// An exchange that is no connection's has nobody to send pieces to.
answer_stream* exchange::open(const response& head, stream_owner&) {
    respond(head);
    return nullptr;
}

void exchange::add_header(std::string_view name, std::string_view value) {
    append_header(added_headers_, name, value);
}

void exchange::forget_notes() noexcept {
    notes_ = {};
    added_headers_.clear();
    if (added_headers_.capacity() > kept_headers)
        std::string().swap(added_headers_);
}

} // namespace millrace::http

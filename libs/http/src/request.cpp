#include "millrace/http/request.hpp"

#include "millrace/core/text.hpp"

namespace millrace::http {

std::string_view request::header(std::string_view name) const noexcept {
    for (const field& h : headers)
        if (iequals(h.name, name))
            return h.value;
    return {};
}

} // namespace millrace::http

#include "hook_place.hpp"

#include "hook_json.hpp"
#include "millrace/core/text.hpp"

namespace millrace::ingress {

std::optional<std::string_view> only_header(const http::request& of, std::string_view name) {
    std::optional<std::string_view> found;
    for (const field& header : of.headers) {
        if (!iequals(header.name, name))
            continue;
        if (found)
            return std::nullopt;
        found = header.value;
    }
    return found;
}

hook_place::hook_place(std::string_view text) {
    const std::size_t space = text.find(' ');
    if (text.substr(0, space) == "header") {
        header_ = text.substr(space + 1);
    } else {
        pointer_ = text.substr(space + 1);
        tokens_ = pointer_tokens(pointer_);
    }
}

std::optional<std::string> hook_place::value_in(const http::request& delivery) const {
    std::optional<std::string> found;
    if (in_body())
        found = json_text_at(delivery.body, tokens_);
    else if (const auto header = only_header(delivery, header_))
        found = std::string(*header);
    return found && !found->empty() ? found : std::nullopt;
}

std::string hook_place::name() const {
    return in_body() ? pointer_ + " of the body" : "the header " + header_;
}

} // namespace millrace::ingress

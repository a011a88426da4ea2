// A webhook's delivery, as a request that was read whole.
#pragma once

#include "millrace/http/request.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace millrace {

struct delivery {
    std::vector<field> headers;
    std::string_view body;

    http::request request() const {
        http::request made;
        made.headers = headers;
        made.body = body;
        return made;
    }

    delivery with(std::string_view name, std::string_view value) const {
        delivery changed = without(name);
        changed.headers.push_back({name, value});
        return changed;
    }

    delivery without(std::string_view name) const {
        delivery changed = *this;
        std::erase_if(changed.headers, [&](const field& h) { return h.name == name; });
        return changed;
    }

    delivery twice(std::string_view name) const {
        delivery changed = *this;
        changed.headers.push_back(*std::ranges::find(headers, name, &field::name));
        return changed;
    }

    delivery with_body(std::string_view other) const {
        delivery changed = *this;
        changed.body = other;
        return changed;
    }
};

} // namespace millrace

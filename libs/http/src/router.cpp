#include "millrace/http/router.hpp"

#include "characters.hpp"

#include <algorithm>

namespace millrace::http {
namespace {

/// RFC 3986, section 6.2.2.2: an unreserved character and its percent-encoding are the same; others differ.
bool same_segment(std::string_view sent, std::string_view text) {
    std::size_t at = 0;
    for (const char expected : text) {
        if (at == sent.size())
            return false;
        char c = sent[at++];
        if (c == '%' && at + 2 <= sent.size()) {
            const int high = hex_digit(sent[at]);
            const int low = hex_digit(sent[at + 1]);
            const char decoded = static_cast<char>(high * 16 + low);
            if (high >= 0 && low >= 0 && is_unreserved(decoded)) {
                c = decoded;
                at += 2;
            }
        }
        if (c != expected)
            return false;
    }
    return at == sent.size();
}

/// Takes the next segment off a path that starts with a slash.
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

void join(std::string& list, std::string_view word) {
    if (!list.empty())
        list += ", ";
    list += word;
}

std::string allow_of(const std::vector<std::pair<std::string, handler>>& methods) {
    std::string allow;
    bool options = false;
    for (const auto& [method, unused] : methods) {
        join(allow, method);
        options |= method == "OPTIONS";
        if (method == "GET")
            join(allow, "HEAD");
    }
    if (!options)
        join(allow, "OPTIONS");
    return allow;
}

void respond_not_found(exchange& e) {
    problem p;
    p.status = 404;
    p.code = "not_found";
    p.title = "Not found";
    p.detail = "There is nothing at this path. Check how it is written.";
    respond(e, p);
}

void respond_options(exchange& e, std::string_view allow) {
    const field headers[] = {{"Allow", allow}};
    e.respond({204, {}, {}, headers, false});
}

} // namespace

void router::add(std::string_view method, std::string_view pattern, handler h) {
    for (route& r : routes_)
        if (r.pattern == pattern) {
            r.methods.emplace_back(method, std::move(h));
            return;
        }
    route added;
    added.pattern = pattern;
    for (std::string_view rest = pattern; !rest.empty();) {
        const std::string_view text = take_segment(rest);
        const bool parameter = text.starts_with('{') && text.ends_with('}');
        added.segments.push_back({std::string(text), parameter});
        added.parameters += parameter ? 1 : 0;
    }
    added.methods.emplace_back(method, std::move(h));
    // A literal segment is preferred to a parameter whatever the order of `add`.
    const auto later = std::find_if(routes_.begin(), routes_.end(),
                                    [&](const route& r) { return r.parameters > added.parameters; });
    routes_.insert(later, std::move(added));
}

const router::route* router::find(std::string_view path, std::vector<std::string_view>* parameters) const {
    for (const route& r : routes_) {
        std::string_view rest = path;
        std::size_t matched = 0;
        if (parameters != nullptr)
            parameters->clear();
        while (matched < r.segments.size() && rest.starts_with('/')) {
            const segment& expected = r.segments[matched];
            const std::string_view sent = take_segment(rest);
            if (expected.parameter ? sent.empty() : !same_segment(sent, expected.text))
                break;
            if (expected.parameter && parameters != nullptr)
                parameters->push_back(sent);
            ++matched;
        }
        if (matched == r.segments.size() && rest.empty())
            return &r;
    }
    return nullptr;
}

std::string_view router::dispatch(exchange& e, std::vector<std::string_view>& parameters) const {
    const std::string_view method = e.request().method;
    const route* const r = find(e.request().path, &parameters);
    if (r == nullptr) {
        // OPTIONS * asks about the server as a whole (RFC 9110, section 9.3.7).
        if (method == "OPTIONS" && e.request().path == "*")
            respond_options(e, "GET, HEAD, POST, OPTIONS");
        else
            respond_not_found(e);
        return "other";
    }
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    const handler* fallback = nullptr;
    for (const auto& [name, h] : r->methods) {
        if (name == method) {
            h(e);
            return r->pattern;
        }
        if (name == wanted)
            fallback = &h;
    }
    if (fallback != nullptr) {
        (*fallback)(e);
    } else if (method == "OPTIONS") {
        respond_options(e, allow_of(r->methods));
    } else {
        problem p;
        p.status = 405;
        p.code = "method_not_allowed";
        p.title = "Method not allowed";
        p.detail = "This path does not have that method. Use one that Allow names.";
        p.headers.emplace_back("Allow", allow_of(r->methods));
        respond(e, p);
    }
    return r->pattern;
}

std::string_view router::pattern_of(std::string_view path) const noexcept {
    const route* const r = find(path, nullptr);
    return r == nullptr ? std::string_view("other") : std::string_view(r->pattern);
}

} // namespace millrace::http

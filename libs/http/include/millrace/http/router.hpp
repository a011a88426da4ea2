// Which handler answers which method and path.
#pragma once

#include "millrace/http/problem.hpp"
#include "millrace/http/request.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::http {

using handler = std::function<void(exchange&)>;

/// Filled at start, read-only afterwards; one may serve several loops only if its handlers may. A path
/// segment
/// `{name}` matches any one non-empty segment; a literal one is preferred to it. An unreserved character
/// matches its percent-encoding; an encoded slash stays within its segment. GET routes answer HEAD too. What
/// matches no path is answered 404, a known path with another method 405 with Allow, both as problem details;
/// OPTIONS on a known path without an OPTIONS route of its own is answered 204 with Allow.
class router {
  public:
    void add(std::string_view method, std::string_view pattern, handler h);

    /// Answers, or hands the exchange to the handler that will; says by which pattern, or "other".
    /// `parameters` is scratch memory of the caller that lives as long as the request: the route's {…}
    /// segments, before the handler is called.
    std::string_view dispatch(exchange& e, std::vector<std::string_view>& parameters) const;

    /// The pattern that matches, for metrics: one of a bounded set, or "other".
    std::string_view pattern_of(std::string_view path) const noexcept;

  private:
    struct segment {
        std::string text;
        bool parameter = false;
    };
    struct route {
        std::string pattern;
        std::vector<segment> segments;
        std::size_t parameters = 0;
        std::vector<std::pair<std::string, handler>> methods;
    };
    const route* find(std::string_view path, std::vector<std::string_view>* parameters) const;

    std::vector<route> routes_;
};

} // namespace millrace::http

#include "client_address_hops.hpp"

#include "millrace/core/text.hpp"

#include <algorithm>
#include <utility>

namespace millrace::ingress {
namespace {

bool is_space(char c) noexcept {
    return c == ' ' || c == '\t';
}

/// One field line of Forwarded, read from the left as its quotes demand.
class forwarded_line {
  public:
    forwarded_line(std::string_view line, hops& to) noexcept : rest_(line), to_(to) {}

    /// False where the line is not what the grammar says.
    bool read() noexcept {
        while (true) {
            skip_spaces();
            if (!rest_.empty() && rest_.front() != ',' && !read_element())
                return false;
            skip_spaces();
            if (rest_.empty())
                return true;
            if (rest_.front() != ',')
                return false;
            rest_.remove_prefix(1);
        }
    }

  private:
    void skip_spaces() noexcept {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    }

    bool read_element() noexcept {
        std::string_view node;
        bool named = false;
        for (bool more = true; more;) {
            skip_spaces();
            if (!at_end_of_pair() && !read_pair(node, named))
                return false;
            skip_spaces();
            more = rest_.starts_with(';');
            if (more)
                rest_.remove_prefix(1);
        }
        to_.add(node);
        return true;
    }

    bool at_end_of_pair() const noexcept {
        return rest_.empty() || rest_.front() == ';' || rest_.front() == ',';
    }

    bool read_pair(std::string_view& node, bool& named) noexcept {
        const auto name = rest_.substr(0, rest_.find_first_of("=,; \t\""));
        rest_.remove_prefix(name.size());
        if (name.empty() || !rest_.starts_with('='))
            return false;
        rest_.remove_prefix(1);
        const auto value = read_value();
        if (!value)
            return false;
        if (!iequals(name, "for"))
            return true;
        node = *value;
        return !std::exchange(named, true); // of two, two readers would take two different ones
    }

    // Proxies write IPv6 addresses and ports without the quotes that they need: what ends a value is clear
    // all the same. No address has a quoted pair, so that `\` may stay in the text and make it none.
    std::optional<std::string_view> read_value() noexcept {
        if (rest_.empty() || rest_.front() != '"') {
            const auto value = rest_.substr(0, rest_.find_first_of(",; \t\""));
            rest_.remove_prefix(value.size());
            return value.empty() ? std::nullopt : std::optional(value);
        }
        for (std::size_t end = 1; end < rest_.size(); ++end) {
            if (rest_[end] == '\\') {
                ++end;
            } else if (rest_[end] == '"') {
                const auto value = rest_.substr(1, end - 1);
                rest_.remove_prefix(end + 1);
                return value;
            }
        }
        return std::nullopt;
    }

    std::string_view rest_;
    hops& to_;
};

bool is_port(std::string_view text) noexcept {
    if (text.starts_with('_')) // an obfuscated one
        return text.size() > 1 && std::ranges::none_of(text, is_space);
    return !text.empty() && text.size() <= 5 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

hops forwarded_hops(const http::request& request) noexcept {
    hops out;
    for (const field& f : request.headers) {
        if (!iequals(f.name, "forwarded"))
            continue;
        out.present = true;
        if (!forwarded_line(f.value, out).read())
            out.malformed = true;
    }
    return out;
}

hops x_forwarded_for_hops(const http::request& request) noexcept {
    hops out;
    for (const field& f : request.headers) {
        if (!iequals(f.name, "x-forwarded-for"))
            continue;
        out.present = true;
        for (std::string_view rest = f.value; !rest.empty();) {
            const auto comma = rest.find(',');
            if (const auto node = trim(rest.substr(0, comma)); !node.empty())
                out.add(node);
            rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
        }
    }
    return out;
}

std::optional<ip_address> parse_node(std::string_view node) noexcept {
    if (node.find('%') != std::string_view::npos) // a zone means nothing beyond the host that wrote it
        return std::nullopt;
    if (node.starts_with('[')) {
        const auto end = node.find(']');
        if (end == std::string_view::npos)
            return std::nullopt;
        const auto after = node.substr(end + 1);
        const auto inside = node.substr(1, end - 1);
        if (!(after.empty() || (after.front() == ':' && is_port(after.substr(1)))) ||
            inside.find(':') == std::string_view::npos)
            return std::nullopt;
        return parse_address(inside);
    }
    const auto colon = node.find(':');
    if (colon == std::string_view::npos || node.find(':', colon + 1) != std::string_view::npos)
        return parse_address(node);
    return is_port(node.substr(colon + 1)) ? parse_address(node.substr(0, colon)) : std::nullopt;
}

} // namespace millrace::ingress

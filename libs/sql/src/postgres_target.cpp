#include "postgres_target.hpp"

#include <boost/asio/ip/address.hpp>

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>

namespace millrace::sql {
namespace {

constexpr std::string_view mask_text = "********";

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (auto comma = list.find(','); comma != std::string::npos; comma = list.find(',', begin)) {
        parts.push_back(list.substr(begin, comma - begin));
        begin = comma + 1;
    }
    parts.push_back(list.substr(begin));
    return parts;
}

void append(std::string& list, const std::string& element, bool first) {
    list.append(first ? "" : ",").append(element);
}

bool is_name(const std::string& host) {
    boost::system::error_code no_address;
    boost::asio::ip::make_address(host, no_address);
    return !host.empty() && host.front() != '/' && host.front() != '@' && no_address.failed();
}

// What stands between the first colon after the scheme and the last at sign: a password as the URL has it,
// with its percent signs.
std::string raw_password(std::string_view url) {
    const auto scheme = url.find("://");
    const auto at = url.rfind('@');
    if (scheme == std::string_view::npos || at == std::string_view::npos || at < scheme)
        return {};
    const auto colon = url.find(':', scheme + 3);
    return colon < at ? std::string(url.substr(colon + 1, at - colon - 1)) : std::string();
}

void replace_all(std::string& text, const std::string& what) {
    if (what.empty())
        return;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + mask_text.size()))
        text.replace(at, what.size(), mask_text);
}

} // namespace

std::optional<postgres_target> postgres_target::parse(const std::string& url) {
    char* problem = nullptr;
    const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> read(
        PQconninfoParse(url.c_str(), &problem), PQconninfoFree);
    PQfreemem(problem);
    if (!read)
        return std::nullopt;
    postgres_target t;
    for (const PQconninfoOption* o = read.get(); o->keyword != nullptr; ++o) {
        if (o->val == nullptr)
            continue;
        t.parameters_[o->keyword] = o->val;
        if (std::string_view(o->dispchar) == "*") // "password field, hide value"
            t.secrets_.emplace_back(o->val);
    }
    t.secrets_.push_back(raw_password(url));
    t.secrets_.push_back(url);
    std::ranges::sort(t.secrets_, std::ranges::greater{}, &std::string::size); // a part after the whole

    // Where addresses are given, libpq asks for none.
    if (t.parameters_.contains("host") && !t.parameters_.contains("hostaddr")) {
        const auto ports = split(t.parameters_["port"]);
        for (const std::string& name : split(t.parameters_["host"])) {
            const std::size_t index = std::min(t.hosts_.size(), ports.size() - 1);
            t.hosts_.push_back({name, ports[index], is_name(name)});
        }
    }
    t.parameters_["client_encoding"] = "UTF8";
    t.parameters_.try_emplace("fallback_application_name", "millrace-processor");
    t.parameters_.try_emplace("gssencmode", "disable"); // Kerberos' library blocks
    return t;
}

std::vector<std::string> postgres_target::names() const {
    std::vector<std::string> all;
    for (const host& h : hosts_)
        if (h.to_resolve && std::ranges::find(all, h.name) == all.end())
            all.push_back(h.name);
    return all;
}

std::optional<postgres_parameters>
postgres_target::with_addresses(const std::map<std::string, std::vector<std::string>>& found) const {
    postgres_parameters p = parameters_;
    if (hosts_.empty())
        return p;
    std::array<std::string, 3> lists; // host, hostaddr, port
    bool first = true;
    const auto add = [&](const host& h, const std::string& address) {
        append(lists[0], h.name, first);
        append(lists[1], address, first);
        append(lists[2], h.port, first);
        first = false;
    };
    for (const host& h : hosts_) {
        if (!h.to_resolve)
            add(h, "");
        else if (const auto addresses = found.find(h.name); addresses != found.end())
            for (const std::string& address : addresses->second)
                add(h, address);
    }
    if (first)
        return std::nullopt;
    p["host"] = lists[0];
    p["hostaddr"] = lists[1];
    p["port"] = lists[2];
    return p;
}

std::string postgres_target::mask(std::string_view text) const {
    std::string out(text);
    for (const std::string& secret : secrets_)
        replace_all(out, secret);
    std::ranges::replace(out, '\n', ' ');
    std::ranges::replace(out, '\t', ' ');
    while (out.ends_with(' '))
        out.pop_back();
    return out;
}

} // namespace millrace::sql

#include "millrace/event/trace.hpp"

#include "millrace/core/hex.hpp"
#include "millrace/core/text.hpp"

#include <algorithm>
#include <span>

namespace millrace::event {
namespace {

constexpr std::size_t traceparent_size = 55;

bool is_lower_hex(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_all_zero(std::string_view text) noexcept {
    return text.find_first_not_of('0') == std::string_view::npos;
}

// Section 3.3.1.3.1: simple-key, or tenant@system.
bool is_member_key(std::string_view key) noexcept {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*' ||
               c == '/';
    };
    const std::size_t at = key.find('@');
    const std::string_view tenant = key.substr(0, at);
    const std::string_view system = at == std::string_view::npos ? std::string_view("x") : key.substr(at + 1);
    const auto starts_well = [](std::string_view part) {
        return !part.empty() && part.front() != '_' && part.front() != '-' && part.front() != '*' &&
               part.front() != '/';
    };
    return key.size() <= 256 && starts_well(tenant) && starts_well(system) &&
           std::ranges::all_of(tenant, allowed) && std::ranges::all_of(system, allowed);
}

// Section 3.3.1.3.2. The characters were checked for the whole text; a comma cannot be here.
bool is_member_value(std::string_view value) noexcept {
    return !value.empty() && value.size() <= 256 && value.find('=') == std::string_view::npos;
}

} // namespace

bool is_valid_traceparent(std::string_view text) noexcept {
    if (text.size() < traceparent_size || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return false;
    const std::string_view version = text.substr(0, 2);
    const std::string_view trace_id = text.substr(3, 32);
    const std::string_view parent_id = text.substr(36, 16);
    const std::string_view flags = text.substr(53, 2);
    if (!is_lower_hex(version) || !is_lower_hex(trace_id) || !is_lower_hex(parent_id) || !is_lower_hex(flags))
        return false;
    if (version == "ff" || is_all_zero(trace_id) || is_all_zero(parent_id))
        return false;
    return text.size() == traceparent_size || (version != "00" && text[traceparent_size] == '-');
}

bool is_valid_tracestate(std::string_view text) noexcept {
    if (text.empty() || text.size() > 512)
        return false;
    if (!std::ranges::all_of(text, [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; }))
        return false;
    int members = 0;
    for (bool more = true; more;) {
        const std::size_t comma = text.find(',');
        const std::string_view member = trim(text.substr(0, comma));
        more = comma != std::string_view::npos;
        text.remove_prefix(more ? comma + 1 : text.size());
        if (member.empty()) // section 3.3.1.2 allows empty members
            continue;
        const std::size_t equals = member.find('=');
        if (equals == std::string_view::npos || !is_member_key(member.substr(0, equals)) ||
            !is_member_value(member.substr(equals + 1)))
            return false;
        ++members;
    }
    return members >= 1 && members <= 32;
}

std::array<char, 55> make_traceparent(std::uint64_t random1, std::uint64_t random2,
                                      std::uint64_t random3) noexcept {
    if ((random1 | random2) == 0)
        random2 = 1;
    if (random3 == 0)
        random3 = 1;
    std::array<char, 55> text;
    const std::span<char, 55> all(text);
    std::ranges::copy(std::string_view("00-"), text.begin());
    write_hex(all.subspan<3, 16>(), random1);
    write_hex(all.subspan<19, 16>(), random2);
    text[35] = '-';
    write_hex(all.subspan<36, 16>(), random3);
    std::ranges::copy(std::string_view("-01"), text.begin() + 52);
    return text;
}

} // namespace millrace::event

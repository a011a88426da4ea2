#include "fault_report.hpp"

#include "millrace/core/text.hpp"

#include <utility>

namespace millrace::event {

std::string pointer_to(std::string_view name) {
    if (name.size() > 64 || !is_utf8(name))
        return {};
    std::string pointer = "/";
    for (const char c : name) { // RFC 6901, section 3
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
    return pointer;
}

void fault_report::clear() noexcept {
    count_ = 0;
}

void fault_report::add(fault_code code, std::optional<std::size_t> index, std::string pointer,
                       std::string_view detail) {
    if (count_++ == 0)
        fault_ = {code, std::string(detail), {}};
    if (fault_.blames.size() < max_blames)
        fault_.blames.push_back({index, std::move(pointer), std::string(detail)});
}

void fault_report::refuse_all(fault_code code, std::string detail) {
    fault_ = {code, std::move(detail), {}};
    count_ = 1;
}

fault fault_report::take() {
    if (count_ > 1)
        fault_.detail = std::to_string(count_) + " faults, the first: " + fault_.detail;
    if (count_ > max_blames)
        fault_.detail += " Listed are the first " + std::to_string(max_blames) + ".";
    count_ = 0;
    return std::exchange(fault_, {});
}

} // namespace millrace::event

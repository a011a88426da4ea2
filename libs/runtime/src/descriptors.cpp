#include "millrace/runtime/descriptors.hpp"

#include "millrace/runtime/log.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <string>

namespace millrace::runtime {

std::uint64_t connections_within(std::uint64_t descriptors, std::uint64_t wanted,
                                 std::uint64_t reserve) noexcept {
    const std::uint64_t kept = std::min(reserve, descriptors / 2);
    return std::clamp<std::uint64_t>(descriptors - kept, 1, std::max<std::uint64_t>(wanted, 1));
}

std::uint64_t make_room_for(std::uint64_t connections, std::uint64_t reserve) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return connections; // not known: running out of them is met when it happens
    const rlim_t needed = connections + reserve;
    if (limit.rlim_cur < needed) {
        rlimit raised = limit;
        raised.rlim_cur = std::min(needed, limit.rlim_max);
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0)
            limit = raised;
    }
    const std::uint64_t possible = connections_within(limit.rlim_cur, connections, reserve);
    if (possible < connections)
        log(level::warn,
            "Fewer connections than http.max_connections will be taken: raise the limit of open files",
            {{"connections", std::to_string(possible)}, {"open_files", std::to_string(limit.rlim_cur)}});
    return possible;
}

} // namespace millrace::runtime

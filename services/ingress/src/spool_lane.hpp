// What the publishing side of the spool keeps of one topic.
#pragma once

#include "spool_drain.hpp"

#include <deque>
#include <map>
#include <string>

namespace millrace::ingress {

/// After a failure; nobody is to be asked in a circle.
inline constexpr milliseconds spool_pause{500};

/// One topic of the spool.
struct spool_drain::lane {
    std::string topic;
    const ingress::topic* known = nullptr; ///< null: no longer configured; published all the same
    spool_order order{};
    std::map<std::uint64_t, shipment> shipments{}; ///< under way
    std::deque<spool_passenger> passengers{};      ///< that wait for all of the above to be sent
    std::map<std::uint64_t, passage> passages{};   ///< of those that do not wait any more
    steady_time progress{};                        ///< when something was last sent or stored
    steady_time paused_until{};
    bool reading = false;
    bool at_end = false;     ///< there is nothing on the disk that is not here
    bool complained = false; ///< that nothing can be stored
};

} // namespace millrace::ingress

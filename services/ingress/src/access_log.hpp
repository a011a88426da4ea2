// The access log: one structured line about a request and its answer.
#pragma once

#include "access_sampler.hpp"
#include "loop_metrics.hpp"
#include "millrace/http/server.hpp"
#include "millrace/runtime/log.hpp"

#include <cstdint>
#include <vector>

namespace millrace::ingress {

/// Lives on one loop. A line that standard error has no room for is dropped: nothing waits for who reads the
/// log. Probes and scrapes are lines of level debug, failures (500 and above) of level warn, all else of
/// info.
class access_log {
  public:
    /// `lines_per_second` is this loop's share; 0: off. `counts` outlives the log.
    access_log(std::uint64_t lines_per_second, loop_metrics& counts);

    /// The server's observer.
    void write(const http::exchange_summary& answered) noexcept;

  private:
    access_sampler sampler_;
    loop_metrics& counts_;
    std::vector<runtime::fact> facts_; // scratch memory
};

} // namespace millrace::ingress

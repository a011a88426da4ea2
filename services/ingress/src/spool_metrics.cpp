#include "spool_metrics.hpp"

#include "metrics_catalogue.hpp"
#include "spool.hpp"

#include <algorithm>

namespace millrace::ingress {
namespace {

double oldest_seconds(const spool& of) {
    const unix_ms oldest = of.room().oldest();
    if (oldest.value == 0)
        return 0;
    return static_cast<double>(std::max<std::int64_t>(0, system_now().value - oldest.value)) / 1e3;
}

} // namespace

void write_spool(runtime::exposition& to, const spool* of) {
    const auto number = [&](const metrics::metric& m, std::uint64_t value) {
        to.family(m);
        to.sample(value);
    };
    number(metrics::spool_events, of != nullptr ? of->drained().waiting.load() : 0);
    number(metrics::spool_bytes, of != nullptr ? of->room().bytes() : 0);
    number(metrics::spool_bytes_limit, of != nullptr ? of->room().max_bytes() : 0);
    to.family(metrics::spool_oldest);
    to.sample(of != nullptr ? oldest_seconds(*of) : 0.0);
    number(metrics::spool_added, of != nullptr ? of->added() : 0);
    number(metrics::spool_published, of != nullptr ? of->drained().published.value() : 0);
    number(metrics::spool_refused, of != nullptr ? of->drained().refused.load() : 0);
    number(metrics::spool_receipts, of != nullptr ? of->disk().receipts.load() : 0);
    to.family(metrics::spool_commit_duration);
    static const runtime::latency_histogram none;
    to.sample(of != nullptr ? of->disk().commit_times : none);
    number(metrics::spool_disk_errors, of != nullptr ? of->disk().errors.value() : 0);
}

} // namespace millrace::ingress

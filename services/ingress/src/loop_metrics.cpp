#include "loop_metrics.hpp"

namespace millrace::ingress {

namespace {

std::uint64_t microseconds(steady_clock::duration d) noexcept {
    const auto count = std::chrono::duration_cast<std::chrono::microseconds>(d).count();
    return count > 0 ? static_cast<std::uint64_t>(count) : 0;
}

} // namespace

loop_metrics::loop_metrics(const topics& known) {
    for (const topic& t : known.all())
        by_topic.emplace_back(t.name);
    by_topic.emplace_back("other");
}

void loop_metrics::count(const http::exchange_summary& answered) noexcept {
    requests.add(answered.route, answered.status);
    bytes_sent.add(answered.response_bytes);
    if (answered.status == 202)
        request_latency.record_us(microseconds(answered.written - answered.request.received));
}

topic_counts& loop_metrics::of(std::string_view topic) noexcept {
    const auto found = std::ranges::find(by_topic, topic, &topic_counts::name);
    return found == by_topic.end() ? by_topic.back() : *found;
}

} // namespace millrace::ingress

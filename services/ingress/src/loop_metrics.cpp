#include "loop_metrics.hpp"

namespace millrace::ingress {

loop_metrics::loop_metrics(const topics& known) {
    for (const topic& t : known.all())
        by_topic.emplace_back(t.name);
    by_topic.emplace_back("other");
}

void loop_metrics::count(const http::exchange_summary& answered) noexcept {
    requests.add(answered.route, answered.status);
    bytes_received.add(answered.request_bytes);
    bytes_sent.add(answered.response_bytes);
    if (!answered.notes.problem.empty())
        problems.add(answered.notes.problem);
    if (answered.status != 202)
        return;
    const steady_time received = answered.request.received;
    request_latency.record(answered.written - received);
    read_latency.record(received - answered.started);
    wait_latency.record(answered.answered - received);
    write_latency.record(answered.written - answered.answered);
}

topic_counts& loop_metrics::of(std::string_view topic) noexcept {
    const auto found = std::ranges::find(by_topic, topic, &topic_counts::name);
    return found == by_topic.end() ? by_topic.back() : *found;
}

} // namespace millrace::ingress

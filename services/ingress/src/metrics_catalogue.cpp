#include "metrics_catalogue.hpp"

#include <array>

namespace millrace::ingress::metrics {

std::span<const runtime::metric> all() noexcept {
    static constexpr std::array list = {requests,
                                        problems,
                                        request_duration,
                                        phase_duration,
                                        received_bytes,
                                        sent_bytes,
                                        deadline_answers,
                                        events,
                                        stored_bytes,
                                        ack_duration,
                                        in_flight_events,
                                        in_flight_events_limit,
                                        in_flight_bytes,
                                        in_flight_bytes_limit,
                                        topic_partitions,
                                        hooks,
                                        idempotency_entries,
                                        idempotency_entries_limit,
                                        idempotency_bytes,
                                        idempotency_evictions,
                                        idempotency_waits,
                                        connections,
                                        connections_limit,
                                        connections_accepted,
                                        connections_refused,
                                        accept_failures,
                                        tls_handshake_failures,
                                        timeouts,
                                        buffered_bytes,
                                        brokers_up,
                                        brokers_known,
                                        producer_messages,
                                        kafka_requests_waiting,
                                        kafka_request_failures,
                                        kafka_queue,
                                        kafka_round_trip,
                                        kafka_throttle,
                                        producers_recreated,
                                        ready,
                                        build_info,
                                        reloads,
                                        reload_successful,
                                        reload_time,
                                        access_lines,
                                        log_lines_dropped};
    return list;
}

} // namespace millrace::ingress::metrics

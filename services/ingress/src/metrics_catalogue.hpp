// Every metric of the ingress: name, type, labels and meaning stand here and nowhere else. /metrics is
// written by it, and the tables of docs/metrics.md are what it says.
#pragma once

#include "millrace/runtime/metrics.hpp"

#include <span>

namespace millrace::ingress::metrics {

using runtime::metric;
using kind = runtime::exposition::kind;

// Requests and their answers
inline constexpr metric requests{kind::counter, "millrace_ingress_requests", "route, status",
                                 "Requests answered."};
inline constexpr metric problems{
    kind::counter, "millrace_ingress_problems", "code",
    "Answers of 400 and above, by the code of their problem: why requests were rejected."};
inline constexpr metric request_duration{
    kind::histogram, "millrace_ingress_request_duration_seconds", "",
    "From the last byte of a request to the last of its answer; requests answered 202."};
inline constexpr metric phase_duration{kind::histogram, "millrace_ingress_request_phase_duration_seconds",
                                       "phase",
                                       "Where a request answered 202 spent its time: `read`, first byte to "
                                       "last; `wait`, until the broker had it "
                                       "and the answer was made; `write`, until the kernel had the answer."};
inline constexpr metric received_bytes{kind::counter, "millrace_ingress_received_bytes", "",
                                       "Of requests, headers included."};
inline constexpr metric sent_bytes{kind::counter, "millrace_ingress_sent_bytes", "", "Of answers."};
inline constexpr metric deadline_answers{
    kind::counter, "millrace_ingress_deadline_answers", "",
    "Requests answered 504 because the broker was silent for http.request_timeout_ms."};

// Events
inline constexpr metric events{kind::counter, "millrace_ingress_events", "topic, outcome",
                               "Events that were fit to be published: `stored`, `spooled`, `not_stored`, "
                               "`unknown`, or `replayed`, which is those that "
                               "the idempotency window knew."};
inline constexpr metric stored_bytes{kind::counter, "millrace_ingress_stored_request_bytes", "",
                                     "Body bytes of requests answered 202."};
inline constexpr metric ack_duration{
    kind::histogram, "millrace_ingress_broker_ack_duration_seconds", "",
    "From handing an event to the producer to the broker's acknowledgement; time in the producer's queue "
    "included."};
inline constexpr metric in_flight_events{kind::gauge, "millrace_ingress_in_flight_events", "",
                                         "Events admitted and not yet settled."};
inline constexpr metric in_flight_events_limit{kind::gauge, "millrace_ingress_in_flight_events_limit", "",
                                               "ingress.max_in_flight_events."};
inline constexpr metric in_flight_bytes{kind::gauge, "millrace_ingress_in_flight_bytes", "",
                                        "Body bytes admitted and not yet settled."};
inline constexpr metric in_flight_bytes_limit{kind::gauge, "millrace_ingress_in_flight_bytes_limit", "",
                                              "ingress.max_in_flight_bytes."};
inline constexpr metric topic_partitions{kind::gauge, "millrace_ingress_topic_partitions", "topic",
                                         "Partitions of a topic; 0 while it is not known to exist."};
inline constexpr metric hooks{
    kind::counter, "millrace_ingress_hook_deliveries", "scheme, outcome",
    "Deliveries of webhooks: `accepted`, or `refused` for their signature, age or form."};

// Idempotency
inline constexpr metric idempotency_entries{kind::gauge, "millrace_ingress_idempotency_entries", "",
                                            "Ids in the idempotency window."};
inline constexpr metric idempotency_entries_limit{
    kind::gauge, "millrace_ingress_idempotency_entries_limit", "",
    "The lower of idempotency.max_entries and what idempotency.max_bytes has room for."};
inline constexpr metric idempotency_bytes{kind::gauge, "millrace_ingress_idempotency_bytes", "",
                                          "Memory of the window, taken at start."};
inline constexpr metric idempotency_evictions{
    kind::counter, "millrace_ingress_idempotency_early_evictions", "",
    "Ids forgotten before idempotency.window_seconds, for want of room."};
inline constexpr metric idempotency_waits{
    kind::counter, "millrace_ingress_idempotency_waits", "",
    "Events that waited for the outcome of another of the same id, which was under way."};

// The spool
inline constexpr metric spool_events{kind::gauge, "millrace_ingress_spool_events", "",
                                     "Events in the spool: answered 202, or about to be, and not in Kafka."};
inline constexpr metric spool_bytes{kind::gauge, "millrace_ingress_spool_bytes", "",
                                    "Bytes that they count for."};
inline constexpr metric spool_bytes_limit{kind::gauge, "millrace_ingress_spool_bytes_limit", "",
                                          "spool.max_bytes; 0: there is no spool."};
inline constexpr metric spool_oldest{kind::gauge, "millrace_ingress_spool_oldest_seconds", "",
                                     "Age of the oldest event in the spool."};
inline constexpr metric spool_added{kind::counter, "millrace_ingress_spool_added_events", "",
                                    "Events that the spool took."};
inline constexpr metric spool_published{kind::counter, "millrace_ingress_spool_published_events", "",
                                        "Events that were published out of the spool."};
inline constexpr metric spool_refused{
    kind::gauge, "millrace_ingress_spool_refused_events", "",
    "Events in the spool that Kafka refuses: somebody has to look (docs/spool.md)."};
inline constexpr metric spool_receipts{kind::gauge, "millrace_ingress_spool_receipts", "",
                                       "Events that were in the spool and can still be asked for."};
inline constexpr metric spool_commit_duration{kind::histogram,
                                              "millrace_ingress_spool_commit_duration_seconds", "",
                                              "Of a transaction of the spool, until it is on the disk."};
inline constexpr metric spool_disk_errors{kind::counter, "millrace_ingress_spool_disk_errors", "",
                                          "Transactions and questions that the spool's disk failed."};

// Connections
inline constexpr metric connections{kind::gauge, "millrace_http_connections", "", "Connections open."};
inline constexpr metric connections_limit{kind::gauge, "millrace_http_connections_limit", "",
                                          "http.max_connections, or what the limit of open files allows."};
inline constexpr metric connections_accepted{kind::counter, "millrace_http_connections_accepted", "",
                                             "Connections accepted."};
inline constexpr metric connections_refused{kind::counter, "millrace_http_connections_refused", "",
                                            "Connections over the limit, answered 503 and closed."};
inline constexpr metric accept_failures{
    kind::counter, "millrace_http_accept_failures", "",
    "Times that no connection could be taken for want of descriptors or memory."};
inline constexpr metric tls_handshake_failures{kind::counter, "millrace_http_tls_handshake_failures", "",
                                               "TLS handshakes that failed, of clients that said something."};
inline constexpr metric timeouts{kind::counter, "millrace_http_timeouts", "",
                                 "Connections ended by a timeout of theirs."};
inline constexpr metric buffered_bytes{kind::gauge, "millrace_http_buffered_body_bytes", "",
                                       "Bytes of bodies that are still arriving."};

// Kafka
inline constexpr metric brokers_up{kind::gauge, "millrace_kafka_brokers_up", "",
                                   "Brokers with a working connection."};
inline constexpr metric brokers_known{kind::gauge, "millrace_kafka_brokers_known", "",
                                      "Brokers of the cluster that are known."};
inline constexpr metric producer_messages{
    kind::gauge, "millrace_kafka_producer_messages", "",
    "Messages handed to librdkafka and not reported yet: in its queue, or at the broker."};
inline constexpr metric kafka_requests_waiting{
    kind::gauge, "millrace_kafka_requests_waiting", "lane",
    "Requests to brokers that wait to be sent, or were sent and are not answered."};
inline constexpr metric kafka_request_failures{
    kind::counter, "millrace_kafka_request_failures", "lane, reason",
    "Requests to brokers that met an `error` or a `timeout`, and each `retry`."};
inline constexpr metric kafka_queue{kind::gauge, "millrace_kafka_queue_seconds", "lane",
                                    "Time of an event in librdkafka's queue before it was put into a "
                                    "request; average of the latest second that had any."};
inline constexpr metric kafka_round_trip{
    kind::gauge, "millrace_kafka_round_trip_seconds", "lane",
    "Of a request to a broker; average of the latest second that had any."};
inline constexpr metric kafka_throttle{kind::gauge, "millrace_kafka_throttle_seconds", "lane",
                                       "By which brokers held their answers back, because of a quota; "
                                       "average of the latest second that had any."};
inline constexpr metric producers_recreated{kind::counter, "millrace_kafka_producers_recreated", "",
                                            "Producers replaced after a fatal error."};

// The process
inline constexpr metric ready{kind::gauge, "millrace_ready", "", "1 where /readyz would say 200, else 0."};
inline constexpr metric build_info{kind::gauge, "millrace_build_info", "service, version, commit, librdkafka",
                                   "Always 1."};
inline constexpr metric reloads{kind::counter, "millrace_config_reloads", "outcome",
                                "Configurations read again on SIGHUP: `applied`, or `refused`."};
inline constexpr metric reload_successful{kind::gauge, "millrace_config_last_reload_successful", "",
                                          "0 while the configuration in force is not what the file says."};
inline constexpr metric reload_time{kind::gauge, "millrace_config_last_reload_success_timestamp_seconds", "",
                                    "When the configuration was last applied; 0: not since the start."};
inline constexpr metric access_lines{kind::counter, "millrace_ingress_access_log_requests", "outcome",
                                     "Requests of the access log: `logged`, or `left_out` because there were "
                                     "more than log.access_per_second."};
inline constexpr metric log_lines_dropped{
    kind::counter, "millrace_log_lines_dropped", "",
    "Lines of the log that were lost because standard error was not read."};

/// Those above, in the order in which /metrics has them; without the process's own (process_*).
std::span<const metric> all() noexcept;

} // namespace millrace::ingress::metrics

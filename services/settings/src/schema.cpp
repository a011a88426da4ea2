// Every key with its range and its meaning: docs/configuration.md is checked against this.
#include "schema.hpp"

#include "rules.hpp"

namespace millrace::settings {
namespace {

using runtime::config_section;

constexpr std::uint64_t hour_ms = 3'600'000;
constexpr std::uint64_t gibibyte = 1'073'741'824;

void declare_http(config_section s, http& to) {
    s.text("listen", to.listen,
           {.doc = "Address to serve HTTP on: `host:port`, `[v6]:port`; port 0 takes a free one. The "
                   "processor's default is `127.0.0.1:8090`.",
            .check = listen_problem});
    s.number("max_body_bytes", to.max_body_bytes,
             {"Largest body of a request, after decompression; beyond it 413.", 1, gibibyte, "bytes"});
    s.number("max_connections", to.max_connections,
             {"Open connections of the whole service; one more is answered 503 and closed.", 1, 1'000'000});
    s.number("max_header_bytes", to.max_header_bytes,
             {"Request line and headers together; beyond it 431.", 1'024, 1'048'576, "bytes"});
    s.number("header_timeout_ms", to.header_timeout_ms,
             {"From connect or first byte to the end of the headers; then 408.", 100, hour_ms, "ms"});
    s.number("body_timeout_ms", to.body_timeout_ms,
             {"From the headers to the last byte of the body; then 408.", 100, hour_ms, "ms"});
    s.number("idle_timeout_ms", to.idle_timeout_ms,
             {"Between two requests on one connection; then it is closed.", 100, hour_ms, "ms"});
    s.number("request_timeout_ms", to.request_timeout_ms,
             {"From the last byte of a request to its answer. The delivery to Kafka has to fit in.", 100,
              hour_ms, "ms"});
    s.number("threads", to.threads, {"Loops that serve, a thread each.", 1, 64});
    s.list("trusted_proxies", to.trusted_proxies,
           {"Proxies whose `Forwarded` or `X-Forwarded-For` is believed: addresses or CIDR blocks.",
            network_problem});
}

void declare_kafka(config_section s, kafka& to) {
    s.text("brokers", to.brokers,
           {.doc = "Bootstrap servers: `host:port`, separated by commas.", .check = brokers_problem});
    s.text("client_id", to.client_id,
           {.doc = "How this client is called in the brokers' logs and quotas.", .check = not_empty});
    s.strings(
        "properties", to.properties,
        {"Properties of librdkafka by their own names (`\"security.protocol\" = \"ssl\"`). Those that would "
         "break the promise that 202 means stored are refused.",
         property_problem, property_is_secret});
}

void declare_ingress(config_section s, ingress& to) {
    s.text("default_topic", to.default_topic,
           {.doc = "Topic of `POST /v1/events`; one of `[topics]`.", .check = topic_problem});
    s.text("processor_url", to.processor_url,
           {.doc = "Base of `status_url` and `Location` in receipts, an http or https URL; none where empty.",
            .check = url_problem});
    s.number("max_in_flight_events", to.max_in_flight_events,
             {"Events that wait for the broker; beyond it 503.", 1, 10'000'000});
    s.number("max_in_flight_bytes", to.max_in_flight_bytes,
             {"Bytes of events that wait for the broker; beyond it 503.", 1, 64 * gibibyte, "bytes"});
    s.number("max_event_bytes", to.max_event_bytes,
             {"Largest event; beyond it 413. At most what the brokers take (`message.max.bytes`).", 1,
              gibibyte, "bytes"});
    s.number("max_batch_events", to.max_batch_events,
             {"Events of one request; beyond it 413.", 1, 1'000'000});
    s.number("max_json_depth", to.max_json_depth, {"Nested arrays and objects; beyond it 400.", 1, 1'000});
    s.number(
        "drain_timeout_ms", to.drain_timeout_ms,
        {"At shutdown: until every admitted request is answered; the rest is cut off.", 0, hour_ms, "ms"});
}

void declare_topic(config_section s, topic& to) {
    s.text("source", to.source, {.doc = "`source` of plain events.", .check = source_problem});
    s.text("type", to.type, {.doc = "`type` of plain events.", .check = type_problem});
    s.number("partitions", to.partitions, {"Partitions, where the topic has to be made.", 1, 10'000});
    s.number("replication_factor", to.replication_factor,
             {"Copies, where the topic has to be made.", 1, 100});
    s.flag("create", to.create, "Whether a missing topic is made at start.");
    s.text("schema_file", to.schema_file,
           {.doc = "JSON Schema that the data of each event has to match, else 422; none where empty."});
}

void declare_idempotency(config_section s, idempotency& to) {
    s.number("window_seconds", to.window_seconds,
             {"How long the answer to an id is kept for a retry; 0 turns the window off.", 0, 86'400, "s"});
    s.number("max_entries", to.max_entries,
             {"Ids that are kept; beyond it the oldest goes.", 0, 100'000'000});
    s.number("max_bytes", to.max_bytes,
             {"Memory for what is kept; beyond it the oldest goes.", 1'048'576, 64 * gibibyte, "bytes"});
}

void declare_processor(config_section s, processor& to) {
    s.list("topics", to.topics, {"Topics to consume.", topic_problem, 1});
    s.text("group", to.group, {.doc = "Consumer group.", .check = not_empty});
    s.text("instance_id", to.instance_id,
           {.doc = "Name of this member, unique in the group, that outlives a restart: its partitions wait "
                   "for it until "
                   "the session times out. Empty: the member is a new one at each start."});
    s.number(
        "session_timeout_ms", to.session_timeout_ms,
        {"After a crash, the other members take over when this has passed. Brokers have bounds of their own.",
         1'000, hour_ms, "ms"});
    s.text("handler", to.handler,
           {.doc = "What is done with an event: `count` counts it by type and source, `log` writes a line, "
                   "`http` delivers it to a URL, `sqlite` and `postgres` add a row to a table.",
            .one_of = {"count", "log", "http", "sqlite", "postgres"}});
    s.text("ordering", to.ordering,
           {.doc = "Which events wait for each other: those of one key, of one partition, or none.",
            .one_of = {"key", "partition", "none"}});
    s.number("concurrency", to.concurrency, {"Events that are handled at once.", 1, 100'000});
    s.number("max_waiting_events", to.max_waiting_events,
             {"Events that are fetched and not yet handled; beyond it fetching pauses.", 1, 10'000'000});
    s.number("dedup_window_seconds", to.dedup_window_seconds,
             {"How long an event is remembered by its source and id, by the time of its record: a second one "
              "within it is a `duplicate` and not handled. 0: off.",
              0, 604'800, "s"});
    s.number(
        "dedup_max_entries", to.dedup_max_entries,
        {"Events that are remembered of a partition, in 32 bytes each, for which memory is taken up to the "
         "next power of two; beyond it the oldest goes.",
         1, 100'000'000});
    s.number(
        "recent_ids", to.recent_ids,
        {"The most recent events, of all partitions, whose receipts are found by id; up to the next power of "
         "two, 36 bytes each. 0: off.",
         0, 100'000'000});
    s.number("drain_timeout_ms", to.drain_timeout_ms,
             {"At shutdown and when partitions are taken away: until running handlers are done.", 0, hour_ms,
              "ms"});
    s.number(
        "handler_timeout_ms", to.handler_timeout_ms,
        {"After that long an attempt is late: the processor says that it is stalled, and goes on waiting. "
         "0: never.",
         0, 24 * hour_ms, "ms"});
    s.number(
        "stall_timeout_ms", to.stall_timeout_ms,
        {"After that long without progress a partition that has work, or a group that does not settle, is "
         "stalled. 0: never.",
         0, 24 * hour_ms, "ms"});
    s.text("admin_token", to.admin_token,
           {.doc =
                "What `Authorization: Bearer` has to say to redrive, pause and resume. Without it these work "
                "only while the service listens on loopback. Visible ASCII without spaces. Better in a file: "
                "`admin_token_file`.",
            .check = empty_or<bearer_problem>,
            .secret = true});
    declare_retry(s.section("retry", "What happens to an event whose handler failed."), to.retry);
}

void declare_log(config_section s, log& to) {
    s.text("level", to.level,
           {.doc = "The least important lines that are written.",
            .one_of = {"trace", "debug", "info", "warn", "error"}});
    s.text("format", to.format,
           {.doc = "Lines for people, or one JSON object a line.", .one_of = {"text", "json"}});
    s.number("access_per_second", to.access_per_second,
             {"Lines about requests that are always written; of more only a sample is. 0: none at all.", 0,
              1'000'000});
}

} // namespace

void declare(runtime::config& c, file& to) {
    config_section root = c.root();
    declare_http(root.section("http", "The HTTP server of either service."), to.http);
    declare_kafka(root.section("kafka", "The connection to Kafka."), to.kafka);
    declare_ingress(root.section("ingress", "What the ingress takes."), to.ingress);
    root.tables<topic>(
        "topics", to.topics,
        {"A topic that may be posted to; `events` alone where the file has none. In the environment NAME is "
         "in "
         "capitals with underscores; a name that the file does not have makes a topic in lower case.",
         topic_problem},
        declare_topic);
    declare_idempotency(root.section("idempotency", "What a retry of a request meets at the ingress."),
                        to.idempotency);
    declare_spool(root, to);
    declare_access(root, to);
    declare_hooks(root, to);
    declare_processor(root.section("processor", "What the processor consumes, and how."), to.processor);
    declare_handlers(root, to);
    declare_log(root.section("log", "Log lines, on standard error."), to.log);
}

} // namespace millrace::settings

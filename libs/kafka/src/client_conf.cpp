// How librdkafka is told: each client gets the properties that concern its role only, and logs where we do.
#include "client_conf.hpp"

#include "millrace/runtime/log.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace millrace::kafka {
namespace {

/// For each property the column "C/P" of librdkafka's own table: 'C', 'P' or '*'. There is no other way to
/// ask.
std::map<std::string, char, std::less<>> read_roles() {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* out = open_memstream(&text, &size);
    if (out == nullptr)
        throw std::runtime_error("no memory for the list of Kafka properties");
    rd_kafka_conf_properties_show(out);
    std::fclose(out);
    const std::unique_ptr<char, destroy_with<std::free>> owned(text);

    std::map<std::string, char, std::less<>> roles;
    std::string_view rest(text, size);
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        const auto bar = line.find(" | ");
        if (bar == line.npos || bar + 5 > line.size())
            continue;
        const std::string_view name = line.substr(0, line.find(' '));
        roles.emplace(name, line[bar + 4]);
    }
    return roles;
}

bool concerns(client_role role, std::string_view property) {
    static const auto roles = read_roles();
    const auto found = roles.find(property);
    if (found == roles.end()) // hidden or unknown: librdkafka says which
        return true;
    return found->second != (role == client_role::producer ? 'C' : 'P');
}

/// Called on librdkafka's threads. What it calls an error mostly passes by itself.
void write_log(const rd_kafka_t*, int syslog_level, const char* topic, const char* text) {
    using runtime::level;
    const level l = syslog_level <= 2   ? level::error
                    : syslog_level <= 4 ? level::warn
                    : syslog_level <= 6 ? level::info
                                        : level::debug;
    runtime::log(l, text, {{"librdkafka", topic}});
}

/// What `[kafka.properties]` may change.
void set_producer_defaults(rd_kafka_conf_t& conf) {
    // How large a record may be is for the broker to say (and for the services' own limits), not for
    // librdkafka.
    set(conf, "message.max.bytes", "67108864");
    // But the broker's limit is on batches, and it refuses a batch as a whole: small events are to stay far
    // below.
    set(conf, "batch.size", "262144");
    // Half a minute by default, in which records for a topic that does not exist wait.
    set(conf, "topic.metadata.propagation.max.ms", "2000");
    // Five minutes by default, until which a topic that is made late, or is back, stays unknown.
    set(conf, "topic.metadata.refresh.interval.ms", "5000");
}

} // namespace

std::optional<std::string> try_set(rd_kafka_conf_t& conf, const char* name, const char* value) {
    std::array<char, 512> error{};
    if (rd_kafka_conf_set(&conf, name, value, error.data(), error.size()) == RD_KAFKA_CONF_OK)
        return std::nullopt;
    return std::string(error.data());
}

void set(rd_kafka_conf_t& conf, const char* name, const std::string& value) {
    if (const auto error = try_set(conf, name, value.c_str()))
        throw std::runtime_error(*error);
}

conf_ptr make_conf(const client_config& config, client_role role) {
    conf_ptr conf(rd_kafka_conf_new());
    set(*conf, "bootstrap.servers", config.brokers);
    set(*conf, "client.id", config.client_id);
    rd_kafka_conf_set_log_cb(conf.get(), write_log);
    // The default of 10 s would keep a broker that is back waiting for as long.
    set(*conf, "reconnect.backoff.ms", "50");
    set(*conf, "reconnect.backoff.max.ms", "500");
    if (role == client_role::producer)
        set_producer_defaults(*conf);
    for (const auto& [name, value] : config.properties) {
        if (const auto reason = refusal(name))
            throw std::runtime_error("Kafka property " + name + " may not be set: " + *reason);
        if (concerns(role, name))
            set(*conf, name.c_str(), value);
    }
    return conf;
}

client_ptr make_client(conf_ptr conf, client_role role) {
    std::array<char, 512> error{};
    const auto type = role == client_role::producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
    client_ptr client(rd_kafka_new(type, conf.get(), error.data(), error.size()));
    if (!client)
        throw std::runtime_error(error.data());
    static_cast<void>(conf.release()); // the client owns it now
    return client;
}

} // namespace millrace::kafka

// What a reload takes over, and what it cannot.
#include "millrace/settings/reload.hpp"

namespace millrace::settings {

file reloaded(const file& running, const file& fresh) {
    file out = running;
    out.auth = fresh.auth;
    if (out.tls.certificate_file.empty() == fresh.tls.certificate_file.empty())
        out.tls = fresh.tls; // a port speaks HTTP or HTTPS from its start to its end
    out.hooks = fresh.hooks;
    out.cors = fresh.cors;
    out.rate_limit = fresh.rate_limit;
    out.handshake = fresh.handshake;
    out.http.trusted_proxies = fresh.http.trusted_proxies;
    out.log.level = fresh.log.level;
    for (auto& [name, topic] : out.topics)
        if (const auto known = fresh.topics.find(name); known != fresh.topics.end())
            topic.schema_file = known->second.schema_file;
    return out;
}

std::vector<std::string> waiting_for_restart(const file& running, const file& fresh) {
    const file now = reloaded(running, fresh);
    std::vector<std::string> out;
    const auto compare = [&](const char* section, const auto& one, const auto& other) {
        if (one != other)
            out.emplace_back(section);
    };
    compare("http", now.http, fresh.http);
    compare("kafka", now.kafka, fresh.kafka);
    compare("ingress", now.ingress, fresh.ingress);
    compare("topics", now.topics, fresh.topics);
    compare("idempotency", now.idempotency, fresh.idempotency);
    compare("spool", now.spool, fresh.spool);
    compare("tls", now.tls, fresh.tls);
    compare("processor", now.processor, fresh.processor);
    compare("handlers", now.handlers, fresh.handlers);
    compare("log", now.log, fresh.log);
    return out;
}

} // namespace millrace::settings

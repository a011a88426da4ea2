#include "rules.hpp"

#include "file_text.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace millrace::ingress {
namespace {

constexpr std::size_t most_schema_bytes = 1'048'576;

void read_hooks(const settings::file& from, rules& into, std::vector<std::string>& errors) {
    for (const auto& [name, wanted] : from.hooks) {
        if (!from.topics.contains(wanted.topic)) // a reload: the running service has the topics of its start
            errors.push_back("hooks." + name + ".topic: \"" + wanted.topic +
                             "\" is open only after the next start");
        if (auto made = hook::make(name, wanted, errors))
            into.hooks.emplace(name, std::move(*made));
    }
}

void read_schemas(const settings::file& from, rules& into, std::vector<std::string>& errors) {
    for (const auto& [name, topic] : from.topics) {
        if (topic.schema_file.empty())
            continue;
        file_text file = read_file_text(topic.schema_file, most_schema_bytes, "is larger than 1 MiB");
        std::string& problem = file.wrong;
        auto schema = file.text ? event::schema::parse(*file.text, problem) : nullptr;
        if (schema)
            into.schemas.emplace(name, std::move(schema));
        else
            errors.push_back(std::string("topics.")
                                 .append(name)
                                 .append(".schema_file: \"")
                                 .append(topic.schema_file)
                                 .append("\" ")
                                 .append(problem));
    }
}

void read_tls(const settings::tls& from, rules& into, std::vector<std::string>& errors) {
    if (from.certificate_file.empty())
        return;
    std::string problem;
    into.tls = http::tls_context::load(
        {.certificate = from.certificate_file, .key = from.key_file, .client_ca = from.client_ca_file},
        problem);
    if (!into.tls)
        errors.push_back("tls: " + problem);
}

} // namespace

rules_or_errors make_rules(const settings::file& from, const rules* before) {
    rules_or_errors out;
    auto made = std::make_shared<rules>();
    access_rules::made access = access_rules::make(from, before ? before->access.get() : nullptr);
    made->access = std::move(access.rules);
    out.errors = std::move(access.errors);
    made->cors = cors(from.cors);
    made->handshake = {from.handshake.allowed_origins,
                       static_cast<std::uint32_t>(from.handshake.rate_per_minute)};
    read_hooks(from, *made, out.errors);
    read_schemas(from, *made, out.errors);
    read_tls(from.tls, *made, out.errors);
    if (out.errors.empty())
        out.rules = std::move(made);
    return out;
}

} // namespace millrace::ingress

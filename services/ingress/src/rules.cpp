#include "rules.hpp"

#include <cerrno>
#include <cstdint>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

namespace millrace::ingress {
namespace {

constexpr std::size_t most_schema_bytes = 1'048'576;

std::optional<std::string> read_schema(const std::string& path, std::string& problem) {
    std::ifstream in(path, std::ios::binary);
    std::string text(most_schema_bytes + 1, '\0');
    if (in)
        in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in.is_open() || in.bad()) {
        problem = "cannot be read: " + std::generic_category().message(errno);
        return std::nullopt;
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > most_schema_bytes) {
        problem = "is larger than 1 MiB";
        return std::nullopt;
    }
    return text;
}

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
        std::string problem;
        const auto text = read_schema(topic.schema_file, problem);
        auto schema = text ? event::schema::parse(*text, problem) : nullptr;
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

// Defaults that depend on other values, and the rules across keys.
#include "schema.hpp"

#include "millrace/core/text.hpp"

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::settings {
namespace {

/// Complains where `wanted`, the value of `path`, is not one of the topics that may be posted to.
void check_topic(runtime::config& c, const file& of, std::string_view path, const std::string& wanted) {
    if (of.topics.contains(wanted))
        return;
    std::vector<std::string> names;
    for (const auto& [name, topic] : of.topics)
        names.push_back(name);
    std::string text = "\"" + wanted + "\" is not one of [topics]";
    if (const auto near = nearest(wanted, names); !near.empty())
        text += "; did you mean \"" + std::string(near) + "\"?";
    c.complain(path, text);
}

void check_access(runtime::config& c, const file& of) {
    for (const auto& [name, key] : of.auth.keys) {
        const std::string path = "auth.keys." + name;
        if (key.sha256.empty() && !c.is_set(path + ".sha256"))
            c.complain(path + ".sha256", "is missing: the key " + name +
                                             " needs the SHA-256 of what clients send, or sha256_file");
        for (const std::string& topic : key.topics)
            check_topic(c, of, path + ".topics", topic);
    }
    const jwt& tokens = of.auth.jwt;
    if (tokens.jwks_file.empty() && !(tokens.issuer.empty() && tokens.audience.empty()))
        c.complain(tokens.issuer.empty() ? "auth.jwt.audience" : "auth.jwt.issuer",
                   "has no effect without auth.jwt.jwks_file, the keys that tokens are signed with");
    if (of.tls.certificate_file.empty() != of.tls.key_file.empty())
        c.complain(of.tls.key_file.empty() ? "tls.certificate_file" : "tls.key_file",
                   "tls.certificate_file and tls.key_file are needed together");
    if (of.tls.certificate_file.empty() && !of.tls.client_ca_file.empty())
        c.complain("tls.client_ca_file", "has no effect without tls.certificate_file and tls.key_file");
}

std::optional<std::string> read_secret(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    if (!in.is_open() || in.bad())
        return std::nullopt;
    if (text.ends_with('\n'))
        text.pop_back();
    if (text.ends_with('\r'))
        text.pop_back();
    return text;
}

void check_hmac(runtime::config& c, const std::string& path, const hook& of) {
    if (of.signature_header.empty())
        c.complain(path + ".signature_header",
                   "is missing: the scheme hmac needs the header of the signature");
    if (of.id_from.empty())
        c.complain(
            path + ".id_from",
            "is missing: the scheme hmac needs to know where a delivery's id is, such as \"header X-Id\"");
}

void complete_hook(runtime::config& c, const file& all, const std::string& name, hook& of) {
    const std::string path = "hooks." + name;
    if (of.scheme.empty())
        c.complain(path + ".scheme", "is missing: github, stripe, standard or hmac");
    if (of.topic.empty())
        of.topic = all.ingress.default_topic;
    else
        check_topic(c, all, path + ".topic", of.topic);
    read_secret_files(c, path + ".secret_files", of.secret_files, of.secrets);
    if (of.scheme != "standard" && !of.public_keys.empty())
        c.complain(path + ".public_keys", "only the scheme standard has public keys");
    if (of.secrets.empty() && of.secret_files.empty() && of.public_keys.empty())
        c.complain(path + ".secrets", "is missing: a hook without a secret would take anything");
    if (of.scheme == "hmac")
        check_hmac(c, path, of);
}

void check_handlers(runtime::config& c, const file& of) {
    if (of.processor.handler == "postgres" && of.handlers.postgres.url.empty())
        c.complain("handlers.postgres.url", "is missing: the handler postgres needs to know its database, by "
                                            "this or by handlers.postgres.url_file");
}

} // namespace

void read_secret_files(runtime::config& c, const std::string& key, const std::vector<std::string>& files,
                       std::vector<std::string>& secrets) {
    for (const std::string& name : files) {
        auto secret = read_secret(name);
        if (!secret)
            c.complain(key, "cannot read \"" + name + "\"");
        else if (secret->empty())
            c.complain(key, "\"" + name + "\" is empty");
        else
            secrets.push_back(std::move(*secret));
    }
}

void complete(runtime::config& c, file& of) {
    if (of.topics.empty())
        c.add_table("topics", "events");
    check_topic(c, of, "ingress.default_topic", of.ingress.default_topic);
    if (of.http.max_connections < of.http.threads)
        c.complain(c.is_set("http.threads") ? "http.threads" : "http.max_connections",
                   "there are fewer connections (http.max_connections, " +
                       std::to_string(of.http.max_connections) + ") than loops (http.threads, " +
                       std::to_string(of.http.threads) + ")");
    check_access(c, of);
    check_handlers(c, of);
    for (auto& [name, hook] : of.hooks)
        complete_hook(c, of, name, hook);
    complete_http_handler(c, of.processor.handler, of.handlers.http);
}

} // namespace millrace::settings

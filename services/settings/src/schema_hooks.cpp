// The keys of a webhook receiver.
#include "rules.hpp"
#include "schema.hpp"

namespace millrace::settings {
namespace {

using runtime::config_section;

void declare_hook_attributes(config_section s, hook& to) {
    s.text("topic", to.topic,
           {.doc = "Topic that it publishes to, one of `[topics]`; `ingress.default_topic` where empty.",
            .check = empty_or<topic_problem>});
    s.text("source", to.source,
           {.doc = "`source` of its events; `/hooks/NAME` where empty.", .check = empty_or<source_problem>});
    s.text("id_from", to.id_from,
           {.doc = "Where the delivery's id is: `header NAME` or `body /json/pointer`. As the scheme has it "
                   "where empty; `hmac` needs it.",
            .check = empty_or<place_problem>});
    s.text("type_from", to.type_from,
           {.doc = "Where the provider's name of the event is; as the scheme has it where empty.",
            .check = empty_or<place_problem>});
    s.text("key_from", to.key_from,
           {.doc = "Where the partition key is; none where empty.", .check = empty_or<place_problem>});
}

void declare_hook(config_section s, hook& to) {
    s.text(
        "scheme", to.scheme,
        {.doc = "How deliveries are signed. Required.", .one_of = {"github", "stripe", "standard", "hmac"}});
    s.list("secrets", to.secrets,
           {.doc = "Shared secrets, any of which may have signed: list the old and the new one to rotate.",
            .check = not_empty,
            .secret = true});
    s.list("secret_files", to.secret_files,
           {.doc = "Files that hold such a secret each; a last line end is cut off.", .check = not_empty});
    s.list("public_keys", to.public_keys,
           {.doc = "`standard`: Ed25519 keys, `whpk_` and base64.", .check = not_empty});
    declare_hook_attributes(s, to);
    s.number("tolerance_seconds", to.tolerance_seconds,
             {"How far a delivery's timestamp may be from now, in either direction.", 1, 86'400, "s"});
    s.text("signature_header", to.signature_header,
           {.doc = "`hmac`: the header that holds the signature.", .check = empty_or<header_name_problem>});
    s.text("algorithm", to.algorithm,
           {.doc = "`hmac`: the hash.", .one_of = {"sha1", "sha256", "sha384", "sha512"}});
    s.text("encoding", to.encoding, {.doc = "`hmac`: of the signature.", .one_of = {"hex", "base64"}});
    s.text("prefix", to.prefix,
           {.doc = "`hmac`: what stands before the signature in its header, such as `sha256=`."});
    s.text("timestamp_header", to.timestamp_header,
           {.doc =
                "`hmac`: the header with the time of signing, seconds since 1970; then `TIMESTAMP.BODY` is "
                "signed. Without it the body alone is, and no delivery is ever too old.",
            .check = empty_or<header_name_problem>});
}

} // namespace

void declare_hooks(config_section root, file& to) {
    root.tables<hook>("hooks", to.hooks, {"A receiver of webhooks at `/v1/hooks/NAME`.", name_problem},
                      declare_hook);
}

} // namespace millrace::settings

#include "hook.hpp"

#include "millrace/core/text.hpp"

#include <array>
#include <span>
#include <utility>

namespace millrace::ingress {
namespace {

/// What a scheme says of itself; a configured place goes before it.
struct scheme_defaults {
    std::string_view name;
    std::string_view id;
    std::string_view type;
    bool needs_type = false; ///< a delivery without one is not of this provider
};

constexpr std::array<scheme_defaults, 4> schemes = {{
    {"github", "header X-GitHub-Delivery", "header X-GitHub-Event", true},
    {"stripe", "body /id", "body /type", true},
    {"standard", "header webhook-id", "body /type"},
    {"hmac", "", ""},
}};

/// A provider's headers that say something of an event, and the same at each attempt to deliver it.
struct extension {
    std::string_view header;
    std::string_view attribute;
};

constexpr std::array<extension, 3> github_extensions = {{
    {"X-GitHub-Hook-ID", "ce-githubhookid"},
    {"X-GitHub-Hook-Installation-Target-Type", "ce-githubtargettype"},
    {"X-GitHub-Hook-Installation-Target-ID", "ce-githubtargetid"},
}};

const scheme_defaults& defaults_of(std::string_view scheme) {
    for (const scheme_defaults& known : schemes)
        if (known.name == scheme)
            return known;
    return schemes.back();
}

std::optional<hook_place> place(std::string_view configured, std::string_view otherwise) {
    const std::string_view text = configured.empty() ? otherwise : configured;
    return text.empty() ? std::nullopt : std::optional<hook_place>(text);
}

http::problem without(std::string_view what, const hook_place& where) {
    return {.status = 400,
            .code = "malformed_event",
            .title = "Malformed event",
            .detail = "The delivery has no " + std::string(what) + ": " + where.name() +
                      (where.in_body() ? " is not there, or is there twice, or is no text and no number."
                                       : " is missing, empty, or there more than once."),
            .errors = {{std::nullopt, "/" + std::string(what), "Taken from " + where.name() + "."}}};
}

http::problem unsupported(std::string detail) {
    return {.status = 415,
            .code = "unsupported_media_type",
            .title = "Unsupported media type",
            .detail = std::move(detail)};
}

http::problem problem_of(const event::fault& f) {
    http::problem p{.status = 400, .code = "malformed_event", .title = "Malformed event", .detail = f.detail};
    if (f.code == event::fault_code::too_large) {
        p.status = 413;
        p.code = "too_large";
        p.title = "Too large";
    }
    for (const event::blame& b : f.blames)
        p.errors.push_back({b.index, b.pointer, b.detail});
    return p;
}

// The body is stored as it came, and its signature is over that: a coding would have to be stored with it.
// A CloudEvents format as content type would say that the attributes are within the body.
std::optional<http::problem> problem_of_content(const http::request& delivery) {
    std::size_t types = 0;
    for (const field& header : delivery.headers) {
        if (iequals(header.name, "Content-Encoding") && !iequals(header.value, "identity")) {
            http::problem p = unsupported("A hook takes bodies without Content-Encoding: their signature is "
                                          "over the bytes that are stored.");
            p.headers.emplace_back("Accept-Encoding", "identity"); // RFC 9110, section 15.5.16
            return p;
        }
        types += iequals(header.name, "Content-Type") ? 1U : 0U;
    }
    if (types > 1)
        return http::problem{.status = 400,
                             .code = "malformed_request",
                             .title = "Malformed request",
                             .detail = "Content-Type is given more than once. Send one."};
    constexpr std::string_view formats = "application/cloudevents";
    if (iequals(delivery.header("Content-Type").substr(0, formats.size()), formats)) {
        http::problem p = unsupported("A hook makes the event of what it is sent; CloudEvents go to "
                                      "/v1/events.");
        p.headers.emplace_back("Accept-Post", hook::accepted_media_types);
        return p;
    }
    return std::nullopt;
}

} // namespace

hook::hook(const std::string& name, const settings::hook& from,
           std::shared_ptr<const hook_signature> signature)
    : scheme_(from.scheme),
      topic_(from.topic),
      source_(from.source.empty() ? "/hooks/" + name : from.source),
      id_(from.id_from.empty() ? defaults_of(scheme_).id : std::string_view(from.id_from)),
      type_(place(from.type_from, defaults_of(scheme_).type)),
      needs_type_(defaults_of(scheme_).needs_type || !from.type_from.empty()),
      key_(place(from.key_from, {})),
      signature_(std::move(signature)) {}

std::optional<hook> hook::make(const std::string& name, const settings::hook& from,
                               std::vector<std::string>& errors) {
    auto signature = make_hook_signature("hooks." + name, from, errors);
    return signature ? std::optional<hook>(hook(name, from, std::move(signature))) : std::nullopt;
}

boost::system::result<event::event, http::problem> hook::accept(const http::request& delivery, unix_ms now,
                                                                hook_reader& with) const {
    if (auto problem = problem_of_content(delivery))
        return *std::move(problem);
    if (auto fault = signature_->fault_of(delivery, now))
        return fault->without_id ? without("id", hook_place("header webhook-id"))
                                 : unauthorized(std::move(fault->detail));
    const bool reads_body = id_.in_body() || (type_ && type_->in_body()) || (key_ && key_->in_body());
    const bool has_json = reads_body && with.json.check(delivery.body);
    const auto value_at = [&](const hook_place& where) {
        return where.in_body() && !has_json ? std::nullopt : where.value_in(delivery);
    };
    const auto id = value_at(id_);
    if (!id)
        return without("id", id_);
    const auto type = type_ ? value_at(*type_) : std::nullopt;
    if (!type && needs_type_)
        return without("type", *type_);
    auto key = key_ ? value_at(*key_) : std::nullopt;
    write_attributes(delivery, *id, type ? *type : "event", with);
    if (key)
        with.key = std::move(*key);
    const auto decoded =
        with.decoder.decode({.content_type = delivery.header("Content-Type"),
                             .headers = with.attributes,
                             .body = delivery.body,
                             .key = key ? std::optional<std::string_view>(with.key) : std::nullopt,
                             .received = now});
    if (!decoded)
        return problem_of(decoded.error());
    return decoded->events.front();
}

// The event as CloudEvents' binary mode has it, so that it has to pass what the event of any other request
// has to.
void hook::write_attributes(const http::request& delivery, std::string_view id, std::string_view type,
                            hook_reader& with) const {
    with.attributes.clear();
    with.values.clear();
    with.values.reserve(4 + github_extensions.size()); // the views stay valid
    const auto add = [&](std::string_view name, std::string_view value) {
        std::string& written = with.values.emplace_back();
        append_percent_encoded(written, value);
        with.attributes.push_back({name, written});
    };
    add("ce-specversion", "1.0");
    add("ce-id", id);
    add("ce-source", source_);
    add("ce-type", scheme_ + "." + std::string(type));
    if (scheme_ != "github")
        return;
    for (const extension& known : github_extensions)
        if (const auto value = only_header(delivery, known.header); value && !value->empty())
            add(known.attribute, *value);
}

http::problem hook::unauthorized(std::string detail) const {
    return {.status = 401,
            .code = "unauthorized",
            .title = "Unauthorized",
            .detail = std::move(detail.append(" Nothing was stored.")),
            .headers = {{"WWW-Authenticate", "Webhook scheme=\"" + scheme_ + "\""}}};
}

} // namespace millrace::ingress

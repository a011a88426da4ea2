#include "reception.hpp"

#include "millrace/core/text.hpp"
#include "millrace/event/decoder.hpp"
#include "pages.hpp"

#include <utility>

namespace millrace::ingress {
namespace {

// Names that the access log may show: those of keys are few, the subjects of tokens may be many.
constexpr std::size_t most_names = 1'000;

/// As it was sent where its percent-encoding is broken: then no topic and no hook has it.
std::string name_in_path(const http::request& request) {
    const std::string_view sent = request.parameters.front();
    return percent_decode(sent).value_or(std::string(sent));
}

http::problem not_inflated(http::inflater::reason why) {
    http::problem p = malformed_request(std::string(http::detail_of(why)));
    if (why == http::inflater::reason::too_large) {
        p.status = 413;
        p.code = "too_large";
        p.title = "Too large";
    }
    return p;
}

} // namespace

reception::reception(const topics& known, event_path& path, spool_desk& desk, loop_metrics& metrics,
                     std::size_t max_body_bytes, event::decode_limits limits,
                     std::shared_ptr<const rules> in_force)
    : topics_(known),
      path_(path),
      desk_(desk),
      metrics_(metrics),
      max_body_bytes_(max_body_bytes),
      rules_(std::move(in_force)),
      hook_reader_(limits) {}

void reception::add_routes(http::router& to) {
    to.add("POST", "/v1/events", [this](http::exchange& e) { post(e, topics_.default_topic().name); });
    to.add("POST", "/v1/topics/{topic}/events",
           [this](http::exchange& e) { post(e, name_in_path(e.request())); });
    to.add("POST", "/v1/hooks/{name}", [this](http::exchange& e) { deliver(e); });
    to.add("GET", "/v1/events", [this](http::exchange& e) { tell(e); });
    to.add("OPTIONS", "/v1/events", [this](http::exchange& e) {
        say_options(e, "GET, HEAD, OPTIONS, POST", event::accepted_media_types);
    });
    to.add("OPTIONS", "/v1/topics/{topic}/events",
           [this](http::exchange& e) { say_options(e, "OPTIONS, POST", event::accepted_media_types); });
    to.add("OPTIONS", "/v1/hooks/{name}",
           [this](http::exchange& e) { say_options(e, "OPTIONS, POST", hook::accepted_media_types); });
}

// Credentials first: who has none does not learn which topics there are.
void reception::post(http::exchange& e, const std::string& topic_name) {
    allow_page(e);
    const unix_ms received = system_now();
    const auto poster = poster_of(e, topic_name, received);
    if (!poster)
        return;
    const topic* to = find_topic(e, topic_name);
    if (to == nullptr)
        return;
    if (const auto body = body_of(e))
        path_.receive(e, {.to = *to,
                          .poster = *poster,
                          .body = *body,
                          .received = received,
                          .schema = rules_->schema_of(to->name)});
}

// Who signed it is who sent it: no other credentials are asked for.
void reception::deliver(http::exchange& e) {
    allow_page(e);
    const http::request& request = e.request();
    if (const auto refusal = rules_->access->check_address(request, request.received))
        return http::respond(e, *refusal);
    const auto* found = hook_of(e);
    if (found == nullptr)
        return;
    const auto& [name, receiver] = *found;
    const topic* to = topics_.find(receiver.topic());
    if (to == nullptr)
        return http::respond(e, unknown_topic(receiver.topic()));
    const unix_ms received = system_now();
    const auto event = receiver.accept(request, received, hook_reader_);
    (event ? metrics_.hooks_accepted : metrics_.hooks_refused).add(receiver.scheme());
    if (!event)
        return http::respond(e, event.error());
    const std::string poster = "hook:" + name;
    e.notes().poster = name_for_log(poster);
    path_.receive(e,
                  {.to = *to,
                   .poster = poster,
                   .body = request.body,
                   .received = received,
                   .schema = rules_->schema_of(to->name)},
                  *event);
}

// Who may post to a topic may see what became of its events. Whether there are any is nobody else's business.
void reception::tell(http::exchange& e) {
    allow_page(e);
    const std::string& usual = topics_.default_topic().name;
    const auto refusal = refusal_of(e, usual);
    if (refusal && refusal->status != 403)
        return http::respond(e, *refusal);
    desk_.ask(e, [this, &e, &usual, refusal](std::string_view topic) {
        return topic == usual ? refusal : refusal_of(e, topic);
    });
}

std::optional<http::problem> reception::refusal_of(http::exchange& e, std::string_view topic) {
    return check(e, topic, system_now()).refusal;
}

verdict reception::check(http::exchange& e, std::string_view topic, unix_ms now) {
    const http::request& request = e.request();
    return rules_->access->check({.request = request,
                                  .topic = topic,
                                  .certificate = request.tls_subject,
                                  .now = now,
                                  .steady_now = request.received},
                                 memory_);
}

void reception::say_options(http::exchange& e, std::string_view allowed, std::string_view taken) {
    allow_page(e);
    for (const auto& [name, value] : rules_->cors.of_preflight(e.request()))
        e.add_header(name, value);
    for (const auto& [name, value] : handshake_headers(e.request().headers, rules_->handshake))
        e.add_header(name, value);
    say_what_is_taken(e, allowed, taken);
}

// A web page may only read an answer that names its origin, a refusal too.
void reception::allow_page(http::exchange& e) const {
    const cors::answer_headers headers = rules_->cors.of_answer(e.request());
    for (const field& h : headers.span())
        e.add_header(h.name, h.value);
}

std::optional<std::string_view> reception::poster_of(http::exchange& e, std::string_view to, unix_ms now) {
    verdict found = check(e, to, now);
    if (found.refusal) {
        http::respond(e, *found.refusal);
        return std::nullopt;
    }
    if (!found.poster.empty())
        e.notes().poster = name_for_log(found.poster);
    return found.poster;
}

std::string_view reception::name_for_log(std::string_view poster) {
    if (const auto known = poster_names_.find(poster); known != poster_names_.end())
        return *known;
    return poster_names_.size() < most_names ? std::string_view(*poster_names_.emplace(poster).first)
                                             : "other";
}

const topic* reception::find_topic(http::exchange& e, const std::string& name) const {
    const topic* found = topics_.find(name);
    if (found == nullptr)
        http::respond(e, unknown_topic(name));
    return found;
}

const std::pair<const std::string, hook>* reception::hook_of(http::exchange& e) const {
    const std::string name = name_in_path(e.request());
    const auto found = rules_->hooks.find(name);
    if (found != rules_->hooks.end())
        return &*found;
    http::respond(e, {.status = 404,
                      .code = "not_found",
                      .title = "Not found",
                      .detail = "There is no webhook receiver '" + name +
                                "' here. To have one, add a section [hooks.NAME] to the configuration."});
    return nullptr;
}

// RFC 9110, section 8.4: what Content-Encoding says was done to the body is undone first.
std::optional<std::string_view> reception::body_of(http::exchange& e) {
    const http::request& request = e.request();
    std::size_t encodings = 0;
    std::string_view sent;
    for (const field& h : request.headers)
        if (iequals(h.name, "content-encoding") && ++encodings)
            sent = h.value;
    if (encodings == 0)
        return request.body;
    const auto coding = encodings == 1 ? http::content_coding_of(sent) : std::nullopt;
    if (!coding) {
        http::respond(e, unsupported_encoding(sent));
        return std::nullopt;
    }
    if (*coding == http::content_coding::identity)
        return request.body;
    const auto plain = inflater_.gunzip(request.body, max_body_bytes_, inflated_);
    if (!plain) {
        http::respond(e, not_inflated(plain.error()));
        return std::nullopt;
    }
    return *plain;
}

} // namespace millrace::ingress

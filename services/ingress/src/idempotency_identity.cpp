#include "idempotency_identity.hpp"

namespace millrace::ingress {
namespace {

// The first word of all that is hashed: what is meant as one thing is never taken for another.
enum kind : std::uint64_t { event_name = 1, request_name, event_content, attribute_content, request_content };

} // namespace

hash128 identities::name(std::uint64_t kind, std::string_view source, std::string_view id) const noexcept {
    return keyed_hash(secret_)
        .word(kind)
        .word(losses_)
        .text(topic_)
        .text(poster_)
        .text(source)
        .text(id)
        .finish();
}

// The attributes are a set: a client may send them in another order the second time, and some do, because
// theirs are in a hash table.
std::uint64_t identities::content(const event::event& e) const noexcept {
    std::uint64_t attributes = 0;
    for (const event::attribute& a : e.attributes)
        attributes += keyed_hash(secret_).word(attribute_content).text(a.header).text(a.value).finish().low;
    return keyed_hash(secret_)
        .word(event_content)
        .word(e.attributes.size())
        .word(attributes)
        .text(e.type)
        .text(e.content_type)
        .word(e.key ? 1 : 0)
        .text(e.key.value_or(std::string_view{}))
        .text(e.data)
        .finish()
        .low;
}

identity identities::of_event(const event::event& e) const noexcept {
    return {name(event_name, e.source, e.id), content(e)};
}

identity identities::of_request(std::string_view key, const event::event& only) const noexcept {
    return {name(request_name, {}, key), content(only)};
}

identity identities::of_request(std::string_view key, std::span<const identity> events,
                                bool batch) const noexcept {
    keyed_hash all(secret_);
    all.word(request_content).word(batch ? 1 : 0).word(events.size());
    for (const identity& e : events)
        all.word(e.name.low).word(e.content);
    return {name(request_name, {}, key), all.finish().low};
}

} // namespace millrace::ingress

// The pipeline's decoding: from a record to the event that a handler gets.
#include "letter.hpp"
#include "pipeline.hpp"

#include <array>
#include <charconv>

namespace millrace::processor {
namespace {

// The id of an event that brought none: its coordinates.
void name_by_place(std::string& to, const kafka::message& m) {
    std::array<char, 48> digits;
    char* at = std::to_chars(digits.data(), digits.data() + 16, value(m.partition())).ptr;
    *at++ = '/';
    at = std::to_chars(at, digits.data() + digits.size(), value(m.offset())).ptr;
    to.assign(m.topic()).append(1, '/').append(digits.data(), at);
}

} // namespace

// What a plain event of the topic has for source and type: what the ingress would have given it.
const settings::topic& pipeline::defaults_of(const std::string& topic) const {
    static const settings::topic unconfigured;
    const auto found = settings_.topics.find(topic);
    return found == settings_.topics.end() ? unconfigured : found->second;
}

// Decode. False: it claims to be a CloudEvent and is none; `said_.message` tells why.
bool pipeline::decode(slot& s, attempt& a) {
    a.began = now_.steady;
    a.headers.clear();
    s.record.headers(a.headers);
    auto read = a.reader.read({s.record.key(), s.record.value().value_or(std::string_view{}), a.headers});
    if (read.has_error()) {
        const event::fault& f = read.error();
        said_.message = f.detail;
        for (const event::blame& b : f.blames)
            said_.message.append(" ").append(b.pointer).append(": ").append(b.detail);
        s.from->receipts->start(s.offset, {}, {}, s.tries(), now_.wall);
        return false;
    }
    a.event = *read;
    if (a.event.id.empty()) {
        if (const auto first = last_header(a.headers, redriven_header::id); !first.empty())
            a.plain_id.assign(first);
        else
            name_by_place(a.plain_id, s.record);
        a.event.id = a.plain_id;
        const settings::topic& defaults = defaults_of(s.from->name().topic);
        a.event.source = defaults.source;
        a.event.type = defaults.type;
    }
    a.view = {&a.event,  s.record.topic(), s.record.partition(), s.offset, s.record.timestamp(),
              s.tries(), a.headers};
    s.from->receipts->start(s.offset, a.event.id, a.event.source, s.tries(), now_.wall);
    if (s.attempts == 1) {
        a.hash = hasher_.of(a.event.source, a.event.id);
        recent_.add(a.hash, {s.offset, s.from->number(), s.term});
        const name_table::index type = types_.find_or_add(a.event.type);
        if (type >= by_type_.size())
            by_type_.resize(type + 1);
        ++by_type_[type];
    }
    return true;
}

bool pipeline::is_duplicate(slot& s, const attempt& a) {
    return s.duplicate ? *s.duplicate : seen_before(s.from->dedup, a, s.record.timestamp());
}

// A plain record has no id of its own, so that nothing is known to be there twice. One that was redriven was
// here before, and passes: once for each letter. No source has such a name.
bool pipeline::seen_before(dedup_window& in, const attempt& a, unix_ms at) {
    const bool plain = a.event.id.empty() || a.event.id.data() == a.plain_id.data();
    const bool before = !plain && in.seen_before(a.hash.name(), at);
    const std::string_view letter = last_header(a.headers, redriven_header::letter);
    return letter.empty() ? before : in.seen_before(hasher_.of(redriven_header::letter, letter).name(), at);
}

} // namespace millrace::processor

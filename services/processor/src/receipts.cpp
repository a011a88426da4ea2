#include "millrace/processor/receipts.hpp"

#include <algorithm>
#include <utility>

namespace millrace::processor {
namespace {

constexpr std::size_t max_message = 512;
constexpr std::uint8_t id_elsewhere = 255;

} // namespace

std::string_view to_string(event_state s) noexcept {
    static constexpr std::array<std::string_view, 7> names = {
        "pending", "in_flight", "retrying", "processed", "duplicate", "dead_lettered", "no_event"};
    return names[static_cast<std::size_t>(s)];
}

receipts::receipts(name_table& sources, std::size_t capacity) : sources_(sources), ring_(capacity) {}

void receipts::start(record_offset at, std::string_view id, std::string_view source, unsigned attempt,
                     unix_ms now) {
    entry& e = slot(at);
    e.updated = now;
    e.source = sources_.find_or_add(source);
    e.attempts = static_cast<std::uint16_t>(std::min(attempt, 65'535U));
    e.state = event_state::in_flight;
    if (id.size() <= e.id.size()) {
        id.copy(e.id.data(), id.size());
        e.id_size = static_cast<std::uint8_t>(id.size());
    } else {
        more(e).id = id;
        e.id_size = id_elsewhere;
    }
    if (e.source == name_table::other && !source.empty())
        more(e).source = source;
}

void receipts::move(record_offset at, event_state to, unix_ms now) {
    entry* const e = get(at);
    if (e == nullptr)
        return;
    e->state = to;
    e->updated = now;
    if (is_final(to) && e->offset != ring_[static_cast<std::size_t>(value(at)) & (ring_.size() - 1)].offset)
        displaced_.erase(value(at)); // the ring went past it long ago
}

void receipts::blame(record_offset at, std::string_view error_class, std::string_view message) {
    entry* const e = get(at);
    if (e == nullptr)
        return;
    more(*e).error_class = error_class;
    more(*e).error_message = message.substr(0, max_message);
}

std::optional<receipt> receipts::find(record_offset at) const {
    const entry* const e = get(at);
    if (e == nullptr)
        return std::nullopt;
    receipt r;
    r.where.offset = at;
    r.state = e->state;
    r.id = e->id_size == id_elsewhere ? e->more->id : std::string(e->id.data(), e->id_size);
    r.attempts = e->attempts;
    r.updated = e->updated;
    if (e->source != name_table::other)
        r.source = sources_.name(e->source);
    if (e->more) {
        if (e->source == name_table::other)
            r.source = e->more->source;
        r.error_class = e->more->error_class;
        r.error_message = e->more->error_message;
    }
    return r;
}

// The entry for the offset: its own on a further attempt, else a fresh one in the place of the oldest.
receipts::entry& receipts::slot(record_offset at) noexcept {
    if (entry* const own = get(at))
        return *own;
    entry& e = ring_[static_cast<std::size_t>(value(at)) & (ring_.size() - 1)];
    if (e.offset >= 0 && !is_final(e.state)) {
        displaced_[e.offset] = std::move(e);
        e = entry{};
    }
    e.more.reset();
    e.offset = value(at);
    return e;
}

const receipts::entry* receipts::get(record_offset at) const noexcept {
    const entry& e = ring_[static_cast<std::size_t>(value(at)) & (ring_.size() - 1)];
    if (e.offset == value(at))
        return &e;
    if (displaced_.empty())
        return nullptr;
    const auto found = displaced_.find(value(at));
    return found == displaced_.end() ? nullptr : &found->second;
}

receipts::entry* receipts::get(record_offset at) noexcept {
    return const_cast<entry*>(std::as_const(*this).get(at));
}

receipts::detail& receipts::more(entry& e) {
    if (!e.more)
        e.more = std::make_unique<detail>();
    return *e.more;
}

} // namespace millrace::processor

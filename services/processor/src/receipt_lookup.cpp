#include "receipt_lookup.hpp"

#include "letter.hpp"
#include "millrace/core/text.hpp"
#include "millrace/kafka/error.hpp"
#include "millrace/processor/commit_notes.hpp"

namespace millrace::processor {
namespace {

constexpr milliseconds deadline{5'000};      // of each question
constexpr std::size_t max_letters = 100'000; // looked through for one event

// Beyond the committed offset its notes tell.
bool covers(const kafka::group_commit& commit, record_offset at) {
    return at < commit.offset || contains(parse_notes(commit.metadata, commit.offset).finished, at);
}

bool is_letter_of(const kafka::message& letter, const coordinates& event, std::string_view group) {
    std::vector<field> headers;
    letter.headers(headers);
    return last_header(headers, dlq_header::group) == group &&
           parse_number<std::int64_t>(last_header(headers, dlq_header::offset)) == value(event.offset) &&
           parse_number<std::int32_t>(last_header(headers, dlq_header::partition)) ==
               value(event.partition) &&
           last_header(headers, dlq_header::topic) == event.topic;
}

} // namespace

// One look: what is known so far.
struct receipt_lookup::search {
    receipt found;
    std::optional<bool> finished; ///< the event is final
    unix_ms stored;               ///< timestamp of the record; 0 where it is gone
    bool gone = false;            ///< retention has removed the record
    bool hidden = false;          ///< nothing can be read at that offset, up to the log's end
    answer done;

    topic_partition partition() const { return {found.where.topic, found.where.partition}; }
    void finish(event_state as) {
        found.state = as;
        done(std::optional(std::move(found)));
    }
};

void receipt_lookup::look(const coordinates& at, std::optional<bool> finished, answer done) {
    auto s = std::make_shared<search>();
    s->found.where = at;
    s->finished = finished;
    s->done = std::move(done);
    look_at_range(s);
}

void receipt_lookup::look_at_range(const search_ptr& s) {
    cluster_.range(s->partition(), deadline, [this, s](result<kafka::log_range> range) {
        if (range.has_error() && range.error() == kafka::errc::unknown_topic)
            return s->done(std::nullopt);
        if (range.has_error())
            return s->done(range.error());
        if (s->found.where.offset >= range->high)
            return s->done(std::nullopt);
        s->gone = s->found.where.offset < range->low;
        if (s->gone)
            ask_progress(s);
        else
            read_record(s);
    });
}

void receipt_lookup::read_record(const search_ptr& s) {
    cluster_.read(s->partition(), s->found.where.offset, deadline, [this, s](result<kafka::message> read) {
        if (read.has_error())
            return s->done(read.error());
        const kafka::message& m = *read;
        s->hidden = !m;
        if (m && m.offset() != s->found.where.offset)
            return s->finish(event_state::no_event); // a control, aborted or compacted record was there
        if (m) {
            s->stored = m.timestamp();
            headers_.clear();
            m.headers(headers_);
            const auto e = reader_.read({m.key(), m.value().value_or(std::string_view{}), headers_});
            if (e.has_value()) {
                s->found.id = e->id;
                s->found.source = e->source;
                if (s->found.id.empty()) // a plain event's
                    s->found.id = last_header(headers_, redriven_header::id);
                if (s->found.id.empty())
                    s->found.id = to_text(s->found.where);
            }
        }
        ask_progress(s);
    });
}

void receipt_lookup::ask_progress(const search_ptr& s) {
    if (s->finished)
        return decide(s);
    cluster_.committed(group_, s->partition(), deadline,
                       [this, s](result<std::optional<kafka::group_commit>> committed) {
                           if (committed.has_error())
                               return s->done(committed.error());
                           s->finished = *committed && covers(**committed, s->found.where.offset);
                           decide(s);
                       });
}

void receipt_lookup::decide(const search_ptr& s) {
    if (!s->finished.value_or(false))
        return s->finish(s->gone ? event_state::no_event : event_state::pending);
    if (s->hidden)
        return s->finish(event_state::no_event);
    look_for_letter(s);
}

// The letter was stored before the offset was committed, and not before the record: it is there by now, after
// that.
void receipt_lookup::look_for_letter(const search_ptr& s) {
    topic_partition letters{dead_letter_topic(s->found.where.topic), s->found.where.partition};
    if (const int partitions = topics_.partitions_of(letters.topic); partitions > 0)
        letters.partition = static_cast<partition_id>(value(letters.partition) % partitions);
    const auto is_it = [at = s->found.where, group = group_](const kafka::message& m) {
        return is_letter_of(m, at, group);
    };
    cluster_.find(letters, s->stored, max_letters, deadline, is_it, [this, s](result<kafka::message> letter) {
        if (letter.has_error() && letter.error() == kafka::errc::unknown_topic)
            return s->finish(event_state::processed); // there never was a letter
        if (letter.has_error() && letter.error() == kafka::errc::search_ended) {
            s->found.unclear = true;
            return s->finish(event_state::processed);
        }
        if (letter.has_error())
            return s->done(letter.error());
        if (!*letter)
            return s->finish(event_state::processed);
        take_letter(*s, *letter);
        s->finish(event_state::dead_lettered);
    });
}

void receipt_lookup::take_letter(search& s, const kafka::message& letter) {
    headers_.clear();
    letter.headers(headers_);
    s.found.attempts = parse_number<unsigned>(last_header(headers_, dlq_header::attempts)).value_or(0);
    s.found.error_class = last_header(headers_, dlq_header::error_class);
    s.found.error_message = last_header(headers_, dlq_header::error_message);
    s.found.updated = letter.timestamp();
}

} // namespace millrace::processor

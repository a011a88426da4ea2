#include "letter_list.hpp"

#include "answers.hpp"
#include "millrace/http/standard_pages.hpp"
#include "millrace/kafka/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace millrace::processor {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t max_waiting = 32;
constexpr std::size_t max_letter_records = 20'000; // read for one page
constexpr std::size_t max_mark_records = 200'000;  // read for one answer, on top; what was read is remembered
constexpr std::size_t max_marks = 500'000;         // remembered; some 80 bytes each
constexpr milliseconds patience{8'000};            // of a client, in all
constexpr milliseconds page_time{5'000};           // then the page is as long as it is

ordered_json or_null(const std::string& text) {
    return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json describe(const coordinates& place) {
    return {{"topic", place.topic}, {"partition", value(place.partition)}, {"offset", value(place.offset)}};
}

ordered_json describe(const listed_letter& listed) {
    const letter& l = listed.what;
    ordered_json out = describe(l.event);
    out["id"] = or_null(l.id);
    out["source"] = or_null(l.source);
    out["type"] = or_null(l.type);
    out["attempts"] = l.attempts ? ordered_json(*l.attempts) : ordered_json(nullptr);
    out["error_class"] = or_null(l.error_class);
    out["error_message"] = or_null(l.error_message);
    out["failed_at"] = or_null(l.failed_at);
    out["redriven_at"] =
        listed.redriven_at ? ordered_json(to_rfc3339(*listed.redriven_at)) : ordered_json(nullptr);
    out["dlq"] = describe(l.place);
    return out;
}

} // namespace

letter_list::letter_list(kafka::cluster& cluster, topic_keeper& topics, const settings::file& settings)
    : cluster_(cluster), topics_(topics), settings_(settings) {}

std::optional<std::vector<topic_partition>> letter_list::partitions(const topic_keeper& topics,
                                                                    const settings::file& settings,
                                                                    const std::string& only_topic) {
    std::vector<topic_partition> all;
    for (const std::string& topic : settings.processor.topics) {
        if (!only_topic.empty() && topic != only_topic)
            continue;
        const std::string letters = dead_letter_topic(topic);
        if (topics.partitions_of(letters) == 0 && !topics.missing(letters))
            return std::nullopt;
        for (int i = 0; i < topics.partitions_of(letters); ++i)
            all.push_back({letters, partition_id{i}});
    }
    return all;
}

void letter_list::receive(http::exchange& e) {
    auto parsed = parse_letter_query(e.request().query);
    if (const auto* wrong = std::get_if<http::problem>(&parsed))
        return http::respond(e, *wrong);
    auto& query = std::get<letter_query>(parsed);
    if (!query.topic.empty() && !topics_.consumes(query.topic))
        return http::respond(e,
                             not_found("The topic '" + query.topic + "' is not consumed by this processor."));
    if (closed_)
        return http::respond(e, draining());
    if (requests_.size() >= max_waiting)
        return http::respond(e, overloaded("Too many listings of dead letters are asked for at once."));
    request& r = requests_.emplace_back();
    r.exchange = &e;
    r.query = std::move(query);
    r.deadline = steady_clock::now() + patience;
    r.records_left = max_mark_records;
    if (requests_.size() == 1)
        begin();
}

void letter_list::close() {
    closed_ = true;
    while (requests_.size() > 1) {
        http::respond(*requests_.back().exchange, draining());
        requests_.pop_back();
    }
}

milliseconds letter_list::time_left() const {
    const auto left = std::chrono::ceil<milliseconds>(requests_.front().deadline - steady_clock::now());
    return std::max(milliseconds{1}, left);
}

void letter_list::begin() {
    request& r = requests_.front();
    auto logs = partitions(topics_, settings_, r.query.topic);
    if (!logs) {
        topics_.look_again();
        return refuse(kafka_away("The dead-letter topics are not known yet", kafka::errc::brokers_down));
    }
    r.logs = std::move(*logs);
    ask_ranges();
}

void letter_list::ask_ranges() {
    cluster_.ranges(requests_.front().logs, time_left(), [this](result<std::vector<kafka::log_range>> found) {
        request& r = requests_.front();
        if (found.has_error() && found.error() == kafka::errc::unknown_topic)
            topics_.look_again();
        if (found.has_error())
            return refuse(kafka_away("The dead-letter topics could not be read", found.error()));
        if (marks_.size() > max_marks)
            marks_.clear();
        std::vector<letter_page::source> sources;
        for (std::size_t i = 0; i < r.logs.size(); ++i) {
            const kafka::log_range& log = (*found)[i];
            record_offset below = log.high;
            if (r.query.cursor) {
                const auto at = r.query.cursor->find(r.logs[i]);
                below = at == r.query.cursor->end() ? log.low : std::min(at->second, log.high);
            }
            marks_.adopt(r.logs[i], log.low, log.high);
            sources.push_back({r.logs[i], log.low, std::max(below, log.low)});
        }
        std::erase_if(sources, [](const auto& s) { return s.below <= s.low; });
        r.page.emplace(std::move(sources), r.query.limit, max_letter_records);
        look_for_marks(0);
    });
}

// All that lies behind the page has to be known: whether a letter on it was redriven is said there.
void letter_list::look_for_marks(std::size_t log) {
    request& r = requests_.front();
    if (closed_)
        return refuse(draining());
    for (; log < r.page->sources(); ++log) {
        const auto piece = marks_.missing(r.page->of(log), r.page->below(log));
        if (!piece)
            continue;
        const auto records = static_cast<std::size_t>(value(piece->to) - value(piece->from));
        if (records > r.records_left || steady_clock::now() >= r.deadline || marks_.size() > max_marks)
            return refuse(overloaded("There is more behind this page than could be read in time for who was "
                                     "redriven. What was read is remembered: ask again."));
        r.records_left -= records;
        return scan(r.page->of(log), *piece, false,
                    [this, log](const std::vector<letter>&) { look_for_marks(log); });
    }
    r.deadline = std::min(r.deadline, steady_clock::now() + page_time);
    read_on();
}

void letter_list::read_on() {
    request& r = requests_.front();
    if (closed_)
        return refuse(draining());
    const auto piece = r.page->next();
    if (!piece || steady_clock::now() >= r.deadline)
        return answer();
    scan(r.page->of(piece->source), {piece->from, piece->to}, true,
         [this, piece](std::vector<letter> letters) { take(*piece, std::move(letters)); });
}

struct letter_list::findings {
    explicit findings(const settings::file& s) : reader(s.processor.group, s.topics) {}
    letter_reader reader;
    std::vector<letter> letters;
    std::vector<mark> marks;
};

// Reads the piece on the cluster's thread. What could not be read in time is asked for again.
void letter_list::scan(const topic_partition& of, mark_index::piece piece, bool letters,
                       std::function<void(std::vector<letter>)> then) {
    const auto f = std::make_shared<findings>(settings_);
    const auto visit = [f, letters](const kafka::message& m) {
        auto read = f->reader.read(m);
        if (auto* const l = std::get_if<letter>(&read); l != nullptr && letters)
            f->letters.push_back(std::move(*l));
        else if (auto* const k = std::get_if<mark>(&read))
            f->marks.push_back(std::move(*k));
        return false;
    };
    cluster_.scan(of, piece.from, piece.to, time_left(), visit,
                  [this, of, piece, f, letters, then = std::move(then)](result<record_offset> end) {
                      const bool late =
                          end.has_error() ? end.error() == condition::timed_out : *end < piece.to;
                      if (late && letters && !requests_.front().page->letters().empty())
                          return answer();
                      if (late)
                          return refuse(overloaded("The dead-letter topics could not be read in time."));
                      if (end.has_error())
                          return refuse(kafka_away("The dead-letter topics could not be read", end.error()));
                      for (const mark& m : f->marks)
                          marks_.add(of, m);
                      marks_.learn(of, piece);
                      then(std::move(f->letters));
                  });
}

void letter_list::take(const letter_page::piece& piece, std::vector<letter> letters) {
    request& r = requests_.front();
    std::vector<listed_letter> wanted;
    for (letter& l : letters) {
        const auto redriven = marks_.redriven_at(r.page->of(piece.source), l);
        if (r.query.wants(l, redriven.has_value()))
            wanted.push_back({std::move(l), redriven});
    }
    r.page->give(piece, std::move(wanted));
    read_on();
}

void letter_list::answer() {
    const request done = std::move(requests_.front());
    requests_.pop_front();
    ordered_json letters = ordered_json::array();
    for (const listed_letter& l : done.page->letters())
        letters.push_back(describe(l));
    const auto cursor = done.page->cursor();
    const ordered_json out = {
        {"dead_letters", std::move(letters)},
        {"next_cursor", cursor ? ordered_json(to_text(*cursor)) : ordered_json(nullptr)}};
    http::respond_json(*done.exchange,
                       out.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
    if (!requests_.empty())
        begin();
}

void letter_list::refuse(const http::problem& p) {
    http::exchange& e = *requests_.front().exchange;
    requests_.pop_front();
    http::respond(e, p);
    if (!requests_.empty())
        begin();
}

} // namespace millrace::processor

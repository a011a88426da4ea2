// The redrive's looks at what there is, and how it takes over from others between them.
#include "millrace/kafka/error.hpp"
#include "redrive_job.hpp"

#include <algorithm>
#include <utility>

namespace millrace::processor {
namespace {

constexpr milliseconds open_deadline{30'000}; // the brokers may have to end somebody else's transaction first

} // namespace

struct redrive_job::survey_piece {
    survey_piece(const settings::file& s, const redrive_order& o)
        : reader(s.processor.group, s.topics), order(o) {}
    letter_reader reader;
    const redrive_order& order;
    std::vector<std::variant<letter_place, mark>> found;
};

// Look what there is.
void redrive_job::ask_ranges() {
    cluster_.ranges(plan_.logs(), question_deadline, [this](result<std::vector<kafka::log_range>> found) {
        if (found.has_error())
            return trouble(found.error(), "the dead-letter topics could not be read");
        ranges_ = std::move(*found);
        if (opened_)
            ask_ends();
        else
            begin_survey();
    });
}

// This group has no transaction open any more, but those of others hide what its own have stored behind them.
void redrive_job::ask_ends() {
    cluster_.ends(plan_.logs(), question_deadline,
                  [this](const result<std::vector<std::optional<record_offset>>>& ends) {
                      if (ends.has_error())
                          return trouble(ends.error(), "the dead-letter topics could not be read");
                      for (std::size_t log = 0; log < ranges_.size(); ++log) {
                          const auto end = (*ends)[log];
                          if (!end)
                              return trouble(kafka::errc::brokers_down,
                                             "the end of a dead-letter topic is not known");
                          ranges_[log].high = std::max(ranges_[log].high, *end);
                      }
                      begin_survey();
                  });
}

void redrive_job::begin_survey() {
    plan_.survey();
    position_ = ranges_.empty() ? record_offset{} : ranges_.front().low;
    survey(0);
}

void redrive_job::survey(std::size_t log) {
    if (stopping_)
        return finish(redrive_report::state::stopped);
    while (log < ranges_.size() && position_ >= ranges_[log].high)
        if (++log < ranges_.size())
            position_ = ranges_[log].low;
    if (log >= ranges_.size())
        return surveyed();
    const auto piece = std::make_shared<survey_piece>(settings_, order_);
    const auto visit = [piece](const kafka::message& m) {
        auto read = piece->reader.read(m);
        if (const auto* const l = std::get_if<letter>(&read); l != nullptr && piece->order.wants(*l))
            piece->found.emplace_back(place_of(*l));
        else if (auto* const k = std::get_if<mark>(&read))
            piece->found.emplace_back(std::move(*k));
        return false;
    };
    const record_offset to = std::min(ranges_[log].high, record_offset{value(position_) + survey_step});
    cluster_.scan(plan_.logs()[log], position_, to, question_deadline, visit,
                  [this, log, piece](result<record_offset> end) {
                      if (end.has_error())
                          return trouble(end.error(), "the dead-letter topics could not be read");
                      position_ = *end;
                      if (!take(log, *piece))
                          return finish(redrive_report::state::failed, kafka::errc::queue_full);
                      survey(log);
                  });
}

bool redrive_job::take(std::size_t log, const survey_piece& piece) {
    return std::ranges::all_of(piece.found, [&](const auto& one) {
        if (const auto* const l = std::get_if<letter_place>(&one))
            return plan_.saw_letter(log, *l);
        return plan_.saw_mark(log, std::get<mark>(one));
    });
}

void redrive_job::surveyed() {
    settle_doubt();
    count();
    if (order_.dry_run || plan_.pending() == 0)
        return finish(redrive_report::state::done);
    if (!opened_)
        return open();
    log_ = 0;
    position_ = ranges_.front().low;
    next_batch();
}

// Take over from others. From then on nobody else redrives letters of this group, and what others have done
// is known by a second look.
void redrive_job::open() {
    transactor_.open(open_deadline, [this](error_code error, std::string detail) {
        if (stopping_)
            return finish(redrive_report::state::stopped);
        if (error)
            return trouble(error, std::move(detail));
        opened_ = true;
        ask_ranges();
    });
}

// Of a transaction whose end nobody knew, all letters are marked or none.
void redrive_job::settle_doubt() {
    for (const letter_place& l : std::exchange(in_doubt_, {}))
        report_.redriven += plan_.is_redriven(in_doubt_log_, l) ? 1U : 0U;
}

void redrive_job::count() {
    report_.selected = plan_.selected();
    report_.already = plan_.redriven() - std::min(report_.redriven, plan_.redriven());
    report_.failed = plan_.failed();
}

} // namespace millrace::processor

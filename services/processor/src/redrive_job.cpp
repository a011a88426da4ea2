#include "redrive_job.hpp"

#include "millrace/kafka/error.hpp"
#include "millrace/runtime/log.hpp"

#include <algorithm>
#include <utility>

namespace millrace::processor {
namespace {

using runtime::level;

constexpr milliseconds publish_deadline{10'000};
constexpr std::size_t max_batch = 500; // letters of one transaction
constexpr std::size_t max_batch_bytes = 4'194'304;
constexpr std::size_t max_copies_told = 1'000;
constexpr std::size_t max_failures_told = 100;
constexpr std::uint64_t max_failures = 100; // then something is wrong with more than single letters
constexpr unsigned max_troubles = 4;
constexpr milliseconds trouble_pause{500};

} // namespace

struct redrive_job::batch {
    batch(const settings::file& s, std::size_t l) : reader(s.processor.group, s.topics), log(l) {}
    letter_reader reader;
    std::size_t log;
    std::size_t bytes = 0;
    std::vector<letter_place> letters;
    std::vector<kafka::transaction_record> copies;
    record_offset end{}; ///< where to go on
};

redrive_job::redrive_job(boost::asio::io_context& loop, kafka::cluster& cluster,
                         kafka::transactor& transactor, const settings::file& settings,
                         std::vector<topic_partition> logs, redrive_order order, std::function<void()> done)
    : timer_(loop),
      cluster_(cluster),
      transactor_(transactor),
      settings_(settings),
      order_(std::move(order)),
      plan_(std::move(logs)),
      done_(std::move(done)) {
    report_.dry_run = order_.dry_run;
    report_.started = system_now();
}

void redrive_job::start() {
    runtime::log(level::info,
                 order_.dry_run ? "Redrive of dead letters, as a dry run" : "Redrive of dead letters");
    ask_ranges();
}

void redrive_job::stop() {
    stopping_ = true;
    timer_.cancel();
    transactor_.hurry();
}

// Publish copies, at the rate that was ordered. No transaction is open while this waits.
void redrive_job::next_batch() {
    if (stopping_)
        return finish(redrive_report::state::stopped);
    if (plan_.pending() == 0 || report_.redriven >= order_.max)
        return finish(redrive_report::state::done);
    if (order_.rate_per_second == 0)
        return gather();
    wait_for_turn();
}

void redrive_job::wait_for_turn() {
    if (published_ == 0)
        began_ = steady_clock::now();
    const double seconds = static_cast<double>(published_) / static_cast<double>(order_.rate_per_second);
    timer_.expires_at(
        began_ + std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(seconds)));
    timer_.async_wait([this](error_code) {
        if (stopping_)
            return finish(redrive_report::state::stopped);
        gather();
    });
}

std::size_t redrive_job::batch_size() const noexcept {
    std::uint64_t size = suspects_ > 0 ? 1 : max_batch;
    size = std::min(size, order_.max - report_.redriven);
    if (order_.rate_per_second > 0) // twice a second, or as seldom as one at a time takes
        size = std::min(size, std::max<std::uint64_t>(1, order_.rate_per_second / 2));
    return static_cast<std::size_t>(size);
}

void redrive_job::gather() {
    while (log_ < ranges_.size() && position_ >= ranges_[log_].high)
        if (++log_ < ranges_.size())
            position_ = ranges_[log_].low;
    if (log_ >= ranges_.size()) // the rest has gone as old records go
        return finish(redrive_report::state::done);
    const auto b = std::make_shared<batch>(settings_, log_);
    const auto visit = [this, b, size = batch_size()](const kafka::message& m) { // the plan rests meanwhile
        const auto read = b->reader.read(m);
        const auto* const l = std::get_if<letter>(&read);
        if (l == nullptr)
            return false;
        letter_place place = place_of(*l);
        if (!plan_.is_pending(b->log, place))
            return false;
        b->letters.push_back(std::move(place));
        b->copies.push_back(copy_of(m, *l, b->reader.headers()));
        b->bytes += m.value().value_or("").size();
        return b->letters.size() >= size || b->bytes >= max_batch_bytes;
    };
    const record_offset to = std::min(ranges_[log_].high, record_offset{value(position_) + survey_step});
    cluster_.scan(plan_.logs()[log_], position_, to, question_deadline, visit,
                  [this, b](result<record_offset> end) {
                      if (end.has_error())
                          return trouble(end.error(), "the dead-letter topics could not be read");
                      if (stopping_)
                          return finish(redrive_report::state::stopped);
                      b->end = *end;
                      if (!b->letters.empty())
                          return publish(b);
                      position_ = b->end;
                      gather();
                  });
}

void redrive_job::publish(const batch_ptr& b) {
    auto copies = std::move(b->copies);
    const auto marks = [b, letters = plan_.logs()[b->log],
                        group = settings_.processor.group](std::span<const kafka::delivery> where) {
        std::vector<kafka::transaction_record> all;
        for (std::size_t i = 0; i < where.size(); ++i)
            all.push_back(mark_of(letters, group, b->letters[i],
                                  {b->letters[i].event.topic, where[i].partition, where[i].offset}));
        return all;
    };
    transactor_.publish(std::move(copies), marks, publish_deadline,
                        [this, b](const kafka::transaction_outcome& out) { published(b, out); });
}

void redrive_job::published(const batch_ptr& b, const kafka::transaction_outcome& out) {
    if (out.error == condition::outcome_unknown) {
        in_doubt_ = b->letters;
        in_doubt_log_ = b->log;
    }
    if (out.error)
        return not_stored(b, out);
    troubles_ = 0;
    suspects_ -= std::min(suspects_, b->letters.size());
    published_ += b->letters.size();
    report_.redriven += b->letters.size();
    const topic_partition& letters = plan_.logs()[b->log];
    for (std::size_t i = 0; i < b->letters.size(); ++i) {
        const letter_place& l = b->letters[i];
        plan_.set_redriven(b->log, l);
        if (report_.copies.size() < max_copies_told)
            report_.copies.push_back(
                {{letters.topic, letters.partition, l.letter},
                 {l.event.topic, out.deliveries[i].partition, out.deliveries[i].offset}});
    }
    position_ = b->end;
    next_batch();
}

// A record that the brokers will not take spoils the transaction it is in, and they may blame its neighbours:
// each is tried alone then.
void redrive_job::not_stored(const batch_ptr& b, const kafka::transaction_outcome& out) {
    const bool refused = out.error == condition::invalid_input || out.error == kafka::errc::unknown_topic;
    if (!refused)
        return trouble(out.error, out.detail);
    if (b->letters.size() > 1) {
        suspects_ = b->letters.size();
        return open();
    }
    suspects_ -= std::min<std::size_t>(suspects_, 1);
    const letter_place& l = b->letters.front();
    const topic_partition& letters = plan_.logs()[b->log];
    plan_.set_failed(b->log, l);
    if (report_.failures.size() < max_failures_told)
        report_.failures.push_back({{letters.topic, letters.partition, l.letter}, out.error.message()});
    runtime::log(level::warn, "A dead letter could not be redriven",
                 {{"letter", to_text(coordinates{letters.topic, letters.partition, l.letter})},
                  {"reason", out.error.message()}});
    if (plan_.failed() >= max_failures) {
        count();
        return finish(redrive_report::state::failed, out.error,
                      "more than 100 letters were refused: " + out.detail);
    }
    open();
}

// Kafka is away or has changed its mind: take over again and look again, a few times.
void redrive_job::trouble(error_code error, std::string detail) {
    if (stopping_)
        return finish(redrive_report::state::stopped);
    const bool hopeless = error == kafka::errc::fenced || error == kafka::errc::unsupported ||
                          error == condition::unauthorised || error == condition::fatal;
    if (hopeless || ++troubles_ >= max_troubles)
        return finish(redrive_report::state::failed, error, std::move(detail));
    runtime::log(level::warn, "Redriving goes on in a moment", {{"reason", detail}});
    timer_.expires_after(trouble_pause * troubles_);
    timer_.async_wait([this](error_code) {
        if (stopping_)
            return finish(redrive_report::state::stopped);
        if (opened_)
            open();
        else
            ask_ranges();
    });
}

void redrive_job::finish(redrive_report::state as, error_code error, std::string detail) {
    report_.now = as;
    report_.finished = system_now();
    report_.error = error;
    report_.detail = std::move(detail);
    runtime::log(error ? level::warn : level::info, "Redrive ended",
                 {{"selected", std::to_string(report_.selected)},
                  {"already_redriven", std::to_string(report_.already)},
                  {"redriven", std::to_string(report_.redriven)},
                  {"failed", std::to_string(report_.failed)},
                  {"reason", error ? report_.detail : std::string()}});
    transactor_.close([this] { done_(); });
}

} // namespace millrace::processor

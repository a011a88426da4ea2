#include "dead_letters.hpp"

#include "millrace/kafka/error.hpp"
#include "millrace/runtime/log.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace millrace::processor {
namespace {

using runtime::level;

constexpr std::size_t max_message = 2'048; // a broker bounds a record, headers included

} // namespace

std::string dead_letter_topic(std::string_view topic) {
    return std::string(topic) + ".dlq";
}

dead_letters::dead_letters(boost::asio::io_context& loop, kafka::client_config client, std::string group,
                           topic_keeper& topics)
    : timer_(loop),
      group_(std::move(group)),
      topics_(topics),
      publisher_(loop, kafka::publisher_config{.client = std::move(client)}) {}

void dead_letters::store(std::uint32_t ticket, std::uint32_t generation, dead_letter what) {
    letters_.emplace_back(*this, ticket, generation, std::move(what));
    letters_.back().self = std::prev(letters_.end());
    if (!timer_runs_) // else the topic is in trouble, and this one takes its turn
        send(letters_.back());
}

error_code dead_letters::send(letter& l) {
    const dead_letter& d = l.content;
    const auto text = [](auto number) { return std::to_string(number); };
    const std::string partition = text(value(d.record.partition()));
    const std::string offset = text(value(d.record.offset()));
    const std::string timestamp = text(d.record.timestamp().value);
    const std::string attempts = text(d.attempts);
    const std::string failed_at = to_rfc3339(d.failed_at);
    std::vector<field> headers;
    d.record.headers(headers);
    const std::array<field, 9> own = {{
        {dlq_header::topic, d.record.topic()},
        {dlq_header::partition, partition},
        {dlq_header::offset, offset},
        {dlq_header::timestamp_ms, timestamp},
        {dlq_header::group, group_},
        {dlq_header::attempts, attempts},
        {dlq_header::error_class, d.error_class},
        {dlq_header::error_message, std::string_view(d.error_message).substr(0, max_message)},
        {dlq_header::failed_at, failed_at},
    }};
    headers.insert(headers.end(), own.begin(), own.end());

    const int partitions = topics_.partitions_of(l.topic);
    const int number = value(d.record.partition());
    const kafka::outgoing record{
        .key = d.record.key(),
        .value = d.record.value(),
        .headers = headers,
        // Never before the record itself: who looks for the letter of a record starts at its timestamp.
        .timestamp = std::max(system_now(), d.record.timestamp()),
        .partition = static_cast<partition_id>(partitions > 0 ? number % partitions : number)};
    l.sent = true;
    const error_code refused = publisher_.send(kafka::lane::batching, l.topic, record, l);
    if (refused)
        try_later(l, refused);
    return refused;
}

void dead_letters::on_delivery(letter& l, const kafka::delivery& d) noexcept {
    if (d.error) {
        // Unknown counts as not stored: a letter that is there twice is better than none.
        try_later(l, d.error);
        return;
    }
    if (failures_ > 0)
        runtime::log(level::info, "Dead letters can be stored again");
    failures_ = 0;
    last_error_.clear();
    const std::uint32_t ticket = l.ticket;
    const std::uint32_t generation = l.generation;
    letters_.erase(l.self);
    if (owner_ != nullptr)
        owner_->on_dead_letter_stored(ticket, generation);
}

void dead_letters::try_later(letter& l, error_code why) {
    l.sent = false;
    last_error_ = l.topic + ": " + why.message();
    if (why == kafka::errc::too_large && l.content.record)
        say_too_large(l);
    if (closed_ || timer_runs_)
        return;
    ++failures_;
    topics_.look_again();
    runtime::log(level::warn, "A dead letter cannot be stored; its partition's commits wait for it",
                 {{"reason", last_error_}, {"failures", std::to_string(failures_)}});
    timer_runs_ = true;
    timer_.expires_after(policy_.ceiling(failures_) / 2 +
                         *policy_.pause(failures_, std::nullopt, random_()) / 2);
    timer_.async_wait([this](error_code cancelled) {
        timer_runs_ = false;
        if (!cancelled && !closed_)
            send_all();
    });
}

// It cannot be stored before somebody has changed the topic, and is not dropped: nothing else says so loudly
// enough.
void dead_letters::say_too_large(letter& l) {
    const kafka::message& r = l.content.record;
    const std::string partition = std::to_string(value(r.partition()));
    const std::string offset = std::to_string(value(r.offset()));
    last_error_.append(" (of ").append(r.topic()).append("/").append(partition).append("/").append(offset);
    last_error_.append(")");
    if (!std::exchange(l.too_large, true))
        runtime::log(level::error,
                     "A dead letter, with the headers that say why, is larger than its topic allows. Raise "
                     "max.message.bytes there; until then nothing behind it is committed",
                     {{"topic", r.topic()},
                      {"partition", partition},
                      {"offset", offset},
                      {"dead_letter_topic", l.topic}});
}

// One that is too large holds up no other; any other refusal would be the next one's too.
void dead_letters::send_all() {
    for (auto at = letters_.begin(); at != letters_.end();) {
        letter& l = *at++;
        if (l.sent)
            continue;
        if (owner_ == nullptr || !owner_->wants_dead_letter(l.ticket, l.generation))
            letters_.erase(l.self);
        else if (const error_code refused = send(l); refused && refused != kafka::errc::too_large)
            return;
    }
}

void dead_letters::abandon() noexcept {
    owner_ = nullptr;
    closed_ = true;
    timer_.cancel();
    for (letter& l : letters_)
        l.content.record = kafka::message();
}

void dead_letters::close(milliseconds deadline, std::function<void()> done) {
    closed_ = true;
    timer_.cancel();
    publisher_.close(deadline, std::move(done));
}

} // namespace millrace::processor

#include "topic_keeper.hpp"

#include "dead_letters.hpp"
#include "millrace/kafka/error.hpp"
#include "millrace/runtime/log.hpp"

#include <algorithm>

namespace millrace::processor {
namespace {

using runtime::level;

constexpr milliseconds interval{1'000};
constexpr milliseconds interval_when_known{10'000};
constexpr milliseconds question_deadline{5'000};
// A dead letter is larger than its record: what fits the topic has to fit its dead-letter topic. As much as a
// producer of ours sends.
constexpr const char* letter_bytes = "67108864";

} // namespace

topic_keeper::topic_keeper(boost::asio::io_context& loop, kafka::cluster& cluster,
                           const settings::file& settings)
    : timer_(loop), cluster_(cluster), settings_(settings) {}

void topic_keeper::stop() {
    stopped_ = true;
    timer_.cancel();
}

void topic_keeper::look_again() {
    makes_letters_ = true;
    if (!asking_ && !stopped_ && timer_.expiry() > steady_clock::now() + interval)
        ask_in(interval);
}

bool topic_keeper::consumes(std::string_view topic) const noexcept {
    return std::ranges::find(settings_.processor.topics, topic) != settings_.processor.topics.end();
}

int topic_keeper::partitions_of(const std::string& topic) const noexcept {
    const auto known = partitions_.find(topic);
    return known == partitions_.end() ? 0 : known->second;
}

void topic_keeper::ask() {
    std::vector<std::string> names;
    for (const std::string& topic : settings_.processor.topics) {
        names.push_back(topic);
        names.push_back(dead_letter_topic(topic));
    }
    asking_ = true;
    cluster_.describe(std::move(names), question_deadline, [this](result<kafka::cluster_description> answer) {
        asking_ = false;
        if (stopped_)
            return;
        if (answer.has_value())
            learn(*answer);
        ask_in(partitions_.size() < 2 * settings_.processor.topics.size() ? interval : interval_when_known);
    });
}

void topic_keeper::ask_in(milliseconds pause) {
    timer_.expires_after(pause);
    timer_.async_wait([this](error_code cancelled) {
        if (!cancelled && !stopped_ && !asking_)
            ask();
    });
}

void topic_keeper::learn(const kafka::cluster_description& seen) {
    for (const kafka::topic_description& d : seen.topics)
        if (d.error == kafka::errc::unknown_topic) {
            partitions_.erase(d.name);
            if (!seen_.contains(d.name))
                missing_.insert(d.name);
        } else if (!d.error && d.partitions > 0) {
            partitions_[d.name] = d.partitions;
            seen_.insert(d.name);
            missing_.erase(d.name);
        }
    for (const std::string& topic : settings_.processor.topics) {
        const settings::topic spec = wanted(topic);
        const int partitions = partitions_of(topic);
        const int replicas = static_cast<int>(spec.replication_factor);
        if (partitions == 0 && spec.create && !seen_.contains(topic))
            create({topic, static_cast<int>(spec.partitions), replicas, {}});
        else if (partitions == 0 && told_.insert(topic).second)
            runtime::log(level::warn, "The topic does not exist yet; it is consumed once it does",
                         {{"topic", topic}});
        if (const std::string letters = dead_letter_topic(topic);
            partitions > 0 && partitions_of(letters) == 0 && makes_letters_)
            create({letters, partitions, replicas, {{"max.message.bytes", letter_bytes}}});
    }
    if (partitions_.size() == 2 * settings_.processor.topics.size())
        makes_letters_ = false;
}

// A topic without a section of its own is somebody else's to make; its dead letters' is ours.
settings::topic topic_keeper::wanted(const std::string& topic) const {
    const auto configured = settings_.topics.find(topic);
    if (configured != settings_.topics.end())
        return configured->second;
    settings::topic unknown;
    unknown.create = false;
    return unknown;
}

void topic_keeper::create(kafka::topic_spec missing) {
    const std::string name = missing.name;
    cluster_.create_topic(std::move(missing), question_deadline, [name](result<void> done) {
        if (done.has_error())
            runtime::log(level::error, "A topic could not be created; will be tried again",
                         {{"topic", name}, {"reason", done.error().message()}});
        else
            runtime::log(level::info, "Topic created", {{"topic", name}});
    });
}

} // namespace millrace::processor

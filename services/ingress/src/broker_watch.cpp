#include "broker_watch.hpp"

#include "millrace/kafka/error.hpp"
#include "millrace/runtime/log.hpp"

namespace millrace::ingress {
namespace {

using runtime::level;

constexpr milliseconds interval{1'000};
constexpr milliseconds question_deadline{2'000};

} // namespace

broker_watch::broker_watch(boost::asio::io_context& loop, kafka::client_config client, topics& watched,
                           bool spooled)
    : timer_(loop), cluster_(loop, std::move(client)), topics_(watched), spooled_(spooled) {}

void broker_watch::start() {
    ask();
}

void broker_watch::stop() {
    stopped_ = true;
    timer_.cancel();
}

void broker_watch::ask() {
    std::vector<std::string> names;
    for (const topic& t : topics_.all())
        names.push_back(t.name);
    cluster_.describe(std::move(names), question_deadline, [this](result<kafka::cluster_description> answer) {
        if (answer.has_error()) {
            if (!unreachable_)
                runtime::log(level::warn,
                             spooled_ ? "Kafka cannot be reached; events go to the spool until it can"
                                      : "Kafka cannot be reached; events are refused until it can",
                             {{"reason", answer.error().message()}});
            unreachable_ = true;
        } else {
            if (unreachable_)
                runtime::log(level::info, "Kafka can be reached again");
            unreachable_ = false;
            learn(*answer);
        }
        ask_later();
    });
}

void broker_watch::ask_later() {
    if (stopped_)
        return;
    timer_.expires_after(interval);
    timer_.async_wait([this](error_code cancelled) {
        if (!cancelled && !stopped_)
            ask();
    });
}

void broker_watch::learn(const kafka::cluster_description& seen) {
    auto described = seen.topics.begin();
    for (topic& t : topics_.all()) {
        const kafka::topic_description& d = *described++;
        const int before = t.partitions.exchange(d.error ? 0 : d.partitions, std::memory_order_relaxed);
        t.missing.store(bool(d.error), std::memory_order_relaxed);
        if (!d.error) {
            settled_.insert(t.name);
            continue;
        }
        if (before > 0 && d.error == kafka::errc::unknown_topic)
            t.losses.fetch_add(1, std::memory_order_relaxed);
        if (before > 0)
            runtime::log(level::error,
                         "A topic is gone from Kafka; events for it are refused until it is back",
                         {{"topic", t.name}, {"reason", d.error.message()}});
        if (t.wanted.create && !settled_.contains(t.name))
            create(t);
    }
}

void broker_watch::create(topic& missing) {
    const kafka::topic_spec spec{missing.name, static_cast<int>(missing.wanted.partitions),
                                 static_cast<int>(missing.wanted.replication_factor)};
    cluster_.create_topic(spec, question_deadline, [this, name = missing.name](result<void> done) {
        if (done.has_error())
            return runtime::log(level::error, "A topic could not be created; will be tried again",
                                {{"topic", name}, {"reason", done.error().message()}});
        settled_.insert(name);
        runtime::log(level::info, "Topic created", {{"topic", name}});
    });
}

} // namespace millrace::ingress

#include "spool_disk.hpp"

#include "millrace/runtime/log.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace millrace::ingress {
namespace {

using runtime::level;

/// A transaction is not made larger than this: those that wait for it are to be answered in time.
constexpr std::size_t most_bytes_of_commit = 16'777'216;

constexpr milliseconds look_after_interval{1'000};

} // namespace

spool_disk::spool_disk(std::unique_ptr<spool_store> store, spool_room& room)
    : store_(std::move(store)), room_(room) {}

spool_disk::~spool_disk() {
    stop();
}

void spool_disk::start(added_listener added) {
    added_ = std::move(added);
    if (const auto oldest = store_->oldest())
        room_.set_oldest(*oldest);
    wait_to_look_after();
    thread_ = std::jthread([this] { loop_.run(); });
}

void spool_disk::stop() {
    if (!thread_.joinable())
        return;
    boost::asio::post(loop_, [this] {
        stopping_ = true;
        timer_.cancel();
        work_.reset();
    });
    thread_.join();
    store_.reset(); // another may have the file from here on
}

void spool_disk::add(std::vector<spooled_event> events, std::function<void(error_code)> done) {
    boost::asio::post(loop_, [this, what = addition{std::move(events), std::move(done)}]() mutable {
        for (const spooled_event& e : what.events)
            bytes_ += e.bytes();
        additions_.push_back(std::move(what));
        commit_soon();
    });
}

void spool_disk::settle(std::vector<settled_event> events, std::function<void(bool)> done) {
    boost::asio::post(loop_, [this, what = settlement{std::move(events), std::move(done)}]() mutable {
        settlements_.push_back(std::move(what));
        commit_soon();
    });
}

// Behind what was posted before: all of that is in one transaction.
void spool_disk::commit_soon() {
    if (bytes_ >= most_bytes_of_commit)
        return commit();
    if (!std::exchange(commit_coming_, true))
        boost::asio::post(loop_, [this] {
            commit_coming_ = false;
            commit();
        });
}

template <class Write>
error_code spool_disk::write(Write what) noexcept {
    const steady_time began = steady_clock::now();
    try {
        what();
    } catch (const sqlite_error& e) {
        note(e.what());
        return e.is_in_doubt() ? spool_errc::in_doubt : spool_errc::no_disk;
    } catch (const std::exception& e) { // out of memory
        note(e.what());
        return spool_errc::no_disk;
    }
    stats_.commits.add();
    stats_.commit_times.record(steady_clock::now() - began);
    stats_.receipts.store(store_->receipts(), std::memory_order_relaxed);
    if (room_.disk_failing()) {
        room_.set_disk_failing(false);
        runtime::log(level::info, "The spool's disk takes events again");
    }
    look_for_oldest();
    return {};
}

// What was committed stays so, whatever becomes of this; the next commit looks again.
void spool_disk::look_for_oldest() noexcept {
    try {
        room_.set_oldest(store_->oldest().value_or(unix_ms{}));
    } catch (const std::exception&) {
        stats_.errors.add();
    }
}

void spool_disk::commit() {
    std::vector<addition> added = std::exchange(additions_, {});
    std::vector<settlement> settled = std::exchange(settlements_, {});
    bytes_ = 0;
    if (added.empty() && settled.empty())
        return;
    std::vector<settled_event> all_settled;
    for (const settlement& s : settled)
        all_settled.insert(all_settled.end(), s.events.begin(), s.events.end());
    spool_batch batch{.settled = all_settled};
    for (addition& a : added)
        batch.added.emplace_back(a.events);
    const error_code failed = write([&] { store_->write(batch, system_now()); });
    if (failed && failed != spool_errc::in_doubt && added.size() + settled.size() > 1)
        return commit_one_by_one(added, settled);
    if (!failed && !added.empty()) {
        std::vector<std::string> topics;
        for (const addition& a : added)
            for (const spooled_event& e : a.events)
                if (std::ranges::find(topics, e.topic) == topics.end())
                    topics.push_back(e.topic);
        added_(topics);
    }
    for (const addition& a : added)
        a.done(failed);
    for (const settlement& s : settled)
        s.done(!failed);
}

// What there is room for is taken, even where there is none for the rest; and what leaves makes room.
void spool_disk::commit_one_by_one(std::vector<addition>& added, std::vector<settlement>& settled) {
    const auto alone = [this](std::vector<addition> one, std::vector<settlement> other) {
        additions_ = std::move(one);
        settlements_ = std::move(other);
        commit();
    };
    for (settlement& s : settled) {
        std::vector<settlement> only;
        only.push_back(std::move(s));
        alone({}, std::move(only));
    }
    for (addition& a : added) {
        std::vector<addition> only;
        only.push_back(std::move(a));
        alone(std::move(only), {});
    }
}

void spool_disk::note(const char* problem) noexcept {
    stats_.errors.add();
    if (room_.disk_failing())
        return;
    room_.set_disk_failing(true);
    runtime::log(
        level::error,
        "The spool's disk does not take events; they are refused until it does. Look for room on it, "
        "and for its errors in the system's log",
        {{"reason", problem}});
}

void spool_disk::read(std::string topic, std::uint64_t after, std::size_t most_events, std::size_t most_bytes,
                      std::function<void(events_or_failure)> done) {
    boost::asio::post(
        loop_, [this, topic = std::move(topic), after, most_events, most_bytes, done = std::move(done)] {
            events_or_failure found;
            try {
                found = store_->read(topic, after, most_events, most_bytes);
            } catch (const std::exception& e) {
                note(e.what());
            }
            done(std::move(found));
        });
}

bool spool_disk::find(std::string id, std::optional<std::string> source,
                      std::function<void(std::optional<spool_receipt>)> done) {
    if (questions_.fetch_add(1) >= most_questions) {
        questions_.fetch_sub(1);
        return false;
    }
    boost::asio::post(loop_, [this, id = std::move(id), source = std::move(source), done = std::move(done)] {
        std::optional<spool_receipt> found;
        try {
            found = store_->find(id, source ? std::optional<std::string_view>(*source) : std::nullopt,
                                 system_now());
        } catch (const std::exception& e) {
            note(e.what());
        }
        questions_.fetch_sub(1);
        done(std::move(found));
    });
    return true;
}

void spool_disk::wait_to_look_after() {
    timer_.expires_after(look_after_interval);
    timer_.async_wait([this](error_code cancelled) {
        if (cancelled || stopping_)
            return;
        look_after();
        wait_to_look_after();
    });
}

// A disk that failed is tried: /readyz has to become well again without a POST.
void spool_disk::look_after() {
    try {
        store_->forget_receipts(system_now());
        stats_.receipts.store(store_->receipts(), std::memory_order_relaxed);
    } catch (const std::exception& e) {
        note(e.what());
    }
    if (room_.disk_failing())
        write([this] { store_->probe(); });
}

} // namespace millrace::ingress

#include "publication.hpp"

#include "millrace/kafka/error.hpp"

#include <algorithm>
#include <utility>

namespace millrace::ingress {
namespace {

// A publication that held a large batch gives its memory back; most requests carry one event.
constexpr std::size_t kept_slots = 64;

constexpr std::size_t kept_name = 256; ///< bytes of an id or a source

// A steady load of that many requests under way allocates nothing; what a peak beyond it took is given back.
constexpr std::size_t kept_publications = 1'024;

} // namespace

void publication::begin(http::exchange& waiting_exchange, const topic& topic_to, std::size_t events,
                        bool is_batch, std::uint64_t taken_bytes) {
    waiting = &waiting_exchange;
    to = &topic_to;
    batch = is_batch;
    refused = false;
    request = {};
    bytes = taken_bytes;
    returned.clear();
    handed_over = steady_clock::now();
    count_ = events;
    outstanding_ = events + 1; // one more until sealed: reports may come while events are still handed over
    awaited_ = 0;
    if (slots_.size() < events)
        slots_.resize(events);
}

void publication::expect(std::size_t index, std::string_view id, std::string_view source) {
    slot& s = slots_[index];
    s.parent = this;
    s.index = index;
    s.loop = &loop_;
    s.id.assign(id);
    s.source.assign(source);
    s.held = {};
    s.own = true;
    s.awaits = false;
    s.settled = false;
    s.result = {};
}

void publication::replay(std::size_t index, const kafka::delivery& first) {
    slots_[index].own = false;
    slots_[index].on_delivery(first);
}

void publication::wait(std::size_t index) noexcept {
    slots_[index].own = false;
    slots_[index].awaits = true;
    ++awaited_;
}

void publication::fail(std::size_t index, error_code why) {
    slots_[index].on_delivery({.error = why});
}

std::size_t publication::own_events() const noexcept {
    const auto end = slots_.begin() + static_cast<std::ptrdiff_t>(count_);
    return static_cast<std::size_t>(std::count_if(slots_.begin(), end, [](const slot& s) { return s.own; }));
}

void publication::sealed() {
    one_settled();
}

std::span<const outcome> publication::outcomes() {
    outcomes_.clear();
    for (std::size_t i = 0; i < count_; ++i)
        outcomes_.push_back({slots_[i].id, slots_[i].source, &slots_[i].result});
    return outcomes_;
}

std::span<const outcome> publication::outcomes_so_far() {
    static const kafka::delivery nobody_knows{.error = kafka::errc::outcome_unknown};
    outcomes();
    for (std::size_t i = 0; i < count_; ++i)
        if (!slots_[i].settled)
            outcomes_[i].delivery = &nobody_knows;
    return outcomes_;
}

void publication::slot::forget_long_names() noexcept {
    if (id.capacity() > kept_name)
        std::string().swap(id);
    if (source.capacity() > kept_name)
        std::string().swap(source);
}

void publication::slot::on_delivery(const kafka::delivery& d) noexcept {
    result = d;
    settled = true;
    if (std::exchange(awaits, false))
        --parent->awaited_;
    if (held)
        parent->owner_.release(std::exchange(held, {}), d);
    parent->one_settled();
}

// Not told to the window yet: who waits for this event waits on.
void publication::slot::on_return(const kafka::delivery& d, const kafka::message& record) noexcept {
    result = d;
    if (!parent->owner_.keep(*parent, index, d, record))
        return on_delivery(d);
    parent->tell_owner();
}

void publication::came_back(const kafka::delivery& d, returned_event event) {
    slots_[event.index].result = d;
    returned.push_back(std::move(event));
    tell_owner();
}

void publication::let_stand(std::size_t index) noexcept {
    slot& s = slots_[index];
    s.on_delivery(kafka::delivery(s.result));
}

void publication::one_settled() noexcept {
    --outstanding_;
    tell_owner();
}

void publication::tell_owner() noexcept {
    const std::size_t left = returned.empty() ? 0 : returned.size() + awaited_;
    if (outstanding_ == left)
        owner_.settled(*this);
}

publication_pool::publication_pool(publication_owner& owner, boost::asio::io_context& loop)
    : owner_(owner), loop_(loop) {
    free_.reserve(kept_publications); // so that giving back never allocates
}

publication_pool::~publication_pool() {
    while (oldest_ != nullptr)
        give_back(*oldest_);
}

publication& publication_pool::take() {
    std::unique_ptr<publication> taken;
    if (free_.empty()) {
        taken = std::make_unique<publication>(owner_, loop_);
    } else {
        taken = std::move(free_.back());
        free_.pop_back();
    }
    publication& p = *taken.release(); // the list owns it until it is given back
    p.newer = nullptr;
    p.older = newest_;
    (newest_ != nullptr ? newest_->newer : oldest_) = &p;
    newest_ = &p;
    return p;
}

void publication_pool::give_back(publication& p) {
    (p.older != nullptr ? p.older->newer : oldest_) = p.newer;
    (p.newer != nullptr ? p.newer->older : newest_) = p.older;
    std::unique_ptr<publication> back(&p);
    if (free_.size() == kept_publications)
        return;
    if (p.slots_.size() > kept_slots) {
        p.slots_.resize(kept_slots);
        p.slots_.shrink_to_fit();
        p.outcomes_ = {};
    }
    for (publication::slot& s : p.slots_)
        s.forget_long_names();
    free_.push_back(std::move(back));
}

} // namespace millrace::ingress

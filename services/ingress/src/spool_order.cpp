#include "spool_order.hpp"

#include <utility>

namespace millrace::ingress {

void spool_order::push(spooled_event e) {
    last_ = e.seq;
    bytes_ += e.bytes();
    const std::uint64_t seq = e.seq;
    const auto added = waiting_.insert_or_assign(waiting_.end(), seq, item{.event = std::move(e)});
    if (cursor_ == waiting_.end())
        cursor_ = added;
}

const spooled_event* spool_order::next() {
    if (in_doubt_ || stuck())
        return nullptr;
    while (cursor_ != waiting_.end() && cursor_->second.is != state::ready)
        ++cursor_;
    if (cursor_ == waiting_.end())
        return nullptr;
    cursor_->second.is = state::sent;
    ++under_way_;
    return &cursor_->second.event;
}

// Whatever it came to: once nothing is under way, the first that is ready is looked for from the beginning.
spool_order::item& spool_order::settle(std::uint64_t seq) {
    item& of = waiting_.at(seq);
    of.is = state::ready;
    if (--under_way_ == 0 && in_doubt_) {
        in_doubt_ = false;
        cursor_ = waiting_.begin();
    }
    return of;
}

spool_order::left spool_order::stored(std::uint64_t seq) {
    item& of = settle(seq);
    left done{std::move(of.event), of.was_refused};
    bytes_ -= done.event.bytes();
    const auto gone = waiting_.find(seq);
    if (cursor_ == gone)
        ++cursor_;
    waiting_.erase(gone);
    return done;
}

void spool_order::failed(std::uint64_t seq) {
    in_doubt_ = true;
    settle(seq);
}

bool spool_order::refused(std::uint64_t seq) {
    item& of = settle(seq);
    of.is = state::aside;
    ++aside_;
    bytes_ -= of.event.bytes();
    return !std::exchange(of.was_refused, true);
}

void spool_order::try_refused_again() {
    for (auto& [seq, of] : waiting_)
        if (of.is == state::aside) {
            of.is = state::ready;
            bytes_ += of.event.bytes();
        }
    aside_ = 0;
    cursor_ = waiting_.begin();
}

} // namespace millrace::ingress

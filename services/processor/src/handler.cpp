#include "millrace/processor/handler.hpp"

namespace millrace::processor {

void completion_desk::leave() noexcept {
    owner_ = nullptr;
    release();
}

void completion_desk::release() noexcept {
    if (--references_ == 0)
        delete this;
}

completion::~completion() {
    if (desk_ != nullptr)
        retry("abandoned", "the handler let go of the event without an outcome");
}

void completion::report(const outcome& how) noexcept {
    completion_desk* const desk = std::exchange(desk_, nullptr);
    if (desk == nullptr)
        return; // said already; the first word counts
    if (desk->owner_ != nullptr)
        desk->owner_->complete(ticket_, how);
    desk->release();
}

} // namespace millrace::processor

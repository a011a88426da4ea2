// Gathers what is wrong with a submission, so that its sender learns of all of it at once.
#pragma once

#include "millrace/event/fault.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::event {

/// JSON pointer to a member of an event. A name too odd to be repeated in an answer gives "", the whole
/// event.
std::string pointer_to(std::string_view name);

class fault_report {
  public:
    /// More places than these are counted, not listed.
    static constexpr std::size_t max_blames = 100;

    void clear() noexcept;
    void add(fault_code code, std::optional<std::size_t> index, std::string pointer, std::string_view detail);
    /// The submission as a whole is to blame, no event of it; nothing that was added before counts any more.
    void refuse_all(fault_code code, std::string detail);
    std::size_t count() const noexcept { return count_; }

    /// Its code is that of what was added first.
    fault take();

  private:
    fault fault_;
    std::size_t count_ = 0;
};

} // namespace millrace::event

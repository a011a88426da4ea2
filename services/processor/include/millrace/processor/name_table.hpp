// Names that senders choose - event types, sources - as small numbers, bounded: who sends a new one each time
// cannot fill the memory. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace millrace::processor {

class name_table {
  public:
    using index = std::uint32_t;
    static constexpr index other = 0; ///< every name beyond the bound

    explicit name_table(std::size_t max_names) : max_names_(max_names) { names_.emplace_back("other"); }

    /// The number of the name, a new one where it is new and there is room.
    index find_or_add(std::string_view name) {
        if (last_ != nullptr && name == last_->first)
            return last_->second; // events come in runs of one type and source
        if (const auto known = index_.find(name); known != index_.end()) {
            last_ = &*known;
            return known->second;
        }
        if (names_.size() > max_names_ || name.size() > max_length)
            return other;
        names_.emplace_back(name); // a deque does not move its strings
        last_ = &*index_.emplace(names_.back(), static_cast<index>(names_.size() - 1)).first;
        return last_->second;
    }

    std::string_view name(index i) const noexcept { return names_[i]; }
    std::size_t size() const noexcept { return names_.size(); } ///< with `other`

  private:
    static constexpr std::size_t max_length = 256;

    std::size_t max_names_;
    std::deque<std::string> names_;
    std::unordered_map<std::string_view, index> index_;
    const std::pair<const std::string_view, index>* last_ = nullptr; ///< a map does not move its elements
};

} // namespace millrace::processor

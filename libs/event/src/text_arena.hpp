// Space for the few texts of a request that are not slices of it: decoded, unescaped, made up. Handed out by
// advancing a mark, all given back at once, and kept for the next request.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace millrace::event {

class text_arena {
  public:
    /// Everything handed out so far is void. Keeps a usual request's memory, not that of a very large one.
    void clear() noexcept {
        if (!blocks_.empty())
            blocks_.resize(blocks_.front().size > kept_bytes ? 0 : 1);
        used_ = 0;
    }

    /// Room for `size` characters, uninitialised, that stays where it is until clear().
    char* reserve(std::size_t size) {
        if (blocks_.empty() || blocks_.back().size - used_ < size) {
            const std::size_t capacity = std::max(size, block_bytes);
            blocks_.push_back({std::make_unique_for_overwrite<char[]>(capacity), capacity});
            used_ = 0;
        }
        char* const at = blocks_.back().text.get() + used_;
        used_ += size;
        return at;
    }

    std::string_view copy(std::string_view text) { return join(text, {}); }

    std::string_view join(std::string_view a, std::string_view b) {
        char* const at = reserve(a.size() + b.size());
        std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), at));
        return {at, a.size() + b.size()};
    }

  private:
    static constexpr std::size_t block_bytes = 16 * 1024;
    static constexpr std::size_t kept_bytes = 256 * 1024;

    struct block {
        std::unique_ptr<char[]> text;
        std::size_t size = 0;
    };
    std::vector<block> blocks_;
    std::size_t used_ = 0; // of the last block
};

} // namespace millrace::event

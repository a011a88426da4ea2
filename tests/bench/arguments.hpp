// Command lines of the benchmark's programs: `--name value` pairs, and nothing that is not asked for.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace millrace::bench {

class arguments {
  public:
    /// Throws std::invalid_argument for anything but pairs of known names and values.
    arguments(std::span<char* const> words, std::map<std::string_view, std::string> defaults)
        : values_(std::move(defaults)) {
        for (std::size_t i = 1; i < words.size(); i += 2) {
            const std::string_view word = words[i];
            const auto found = values_.find(word.substr(word.starts_with("--") ? 2 : 0));
            if (!word.starts_with("--") || found == values_.end() || i + 1 == words.size())
                throw std::invalid_argument("unknown option, or one without its value: " + std::string(word));
            found->second = words[i + 1];
        }
    }

    const std::string& text(std::string_view name) const { return values_.at(name); }
    std::uint64_t number(std::string_view name) const { return std::stoull(text(name)); }

  private:
    std::map<std::string_view, std::string> values_;
};

} // namespace millrace::bench

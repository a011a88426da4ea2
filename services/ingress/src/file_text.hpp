// A file that the configuration names, as text: key sets and schemas are read when the rules are made.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::ingress {

/// The text, or why there is none, as the end of a sentence.
struct file_text {
    std::optional<std::string> text;
    std::string wrong;
};

/// At most `most_bytes`; `too_large` is what is said of a larger one. Blocks.
file_text read_file_text(const std::string& path, std::size_t most_bytes, std::string_view too_large);

} // namespace millrace::ingress

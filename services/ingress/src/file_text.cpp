#include "file_text.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace millrace::ingress {

file_text read_file_text(const std::string& path, std::size_t most_bytes, std::string_view too_large) {
    std::ifstream in(path, std::ios::binary);
    std::string text(most_bytes + 1, '\0');
    if (in)
        in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in.is_open() || in.bad())
        return {{}, "cannot be read: " + std::generic_category().message(errno)};
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > most_bytes)
        return {{}, std::string(too_large)};
    return {std::move(text), {}};
}

} // namespace millrace::ingress

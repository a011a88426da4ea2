#include "millrace/http/stream.hpp"

#include <array>
#include <charconv>

namespace millrace::http {

stream_piece::stream_piece(std::string_view octets) {
    std::array<char, 16> size{};
    char* const end = std::to_chars(size.data(), size.data() + size.size(), octets.size(), 16).ptr;
    text_.append(size.data(), end).append("\r\n");
    head_ = text_.size();
    text_.append(octets).append("\r\n");
}

} // namespace millrace::http

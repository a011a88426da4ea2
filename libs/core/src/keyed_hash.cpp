#include "millrace/core/keyed_hash.hpp"

#include <boost/endian/conversion.hpp>

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace millrace {
namespace {

std::uint64_t eight(const char* octets) noexcept {
    return boost::endian::load_little_u64(reinterpret_cast<const unsigned char*>(octets));
}

// What is left from there on, filled up with zeros: the last eight octets without those that were taken. (To
// copy so few into a word is slower: a load that waits for smaller stores.)
std::uint64_t rest(std::string_view octets, std::size_t from) noexcept {
    if (octets.size() >= 8)
        return eight(octets.data() + octets.size() - 8) >> (8 * (8 - (octets.size() - from)));
    std::uint64_t w = 0;
    for (std::size_t i = octets.size(); i > 0; --i)
        w = w << 8U | static_cast<unsigned char>(octets[i - 1]);
    return w;
}

} // namespace

hash_secret hash_secret::random() {
    std::array<std::uint64_t, 2> words{};
    if (::getrandom(words.data(), sizeof words, 0) != static_cast<ssize_t>(sizeof words))
        throw std::system_error(errno, std::generic_category(), "no random numbers from the system");
    return {words[0], words[1]};
}

keyed_hash& keyed_hash::text(std::string_view octets) noexcept {
    keyed_hash h = *this; // in registers: `octets` might be part of this, for all that the compiler knows
    h.word(octets.size());
    std::size_t at = 0;
    for (; at + 8 <= octets.size(); at += 8)
        h.word(eight(octets.data() + at));
    if (at < octets.size())
        h.word(rest(octets, at));
    return *this = h;
}

hash128 keyed_hash::finish() noexcept {
    word((size_ & 0xff) << 56);
    v2_ ^= 0xee;
    for (int i = 0; i < 4; ++i)
        round();
    const std::uint64_t low = v0_ ^ v1_ ^ v2_ ^ v3_;
    v1_ ^= 0xdd;
    for (int i = 0; i < 4; ++i)
        round();
    return {low, v0_ ^ v1_ ^ v2_ ^ v3_};
}

} // namespace millrace

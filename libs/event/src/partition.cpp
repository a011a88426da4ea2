// MurmurHash2 (Austin Appleby, public domain) as Kafka's clients have it, over bytes that need not lie
// together.
#include "millrace/event/partition.hpp"

#include <cstddef>

namespace millrace::event {
namespace {

constexpr std::uint32_t seed = 0x9747b28c;
constexpr std::uint32_t multiplier = 0x5bd1e995;

class murmur2_stream {
  public:
    /// `size` bytes will be added.
    explicit murmur2_stream(std::size_t size) noexcept : hash_(seed ^ static_cast<std::uint32_t>(size)) {}

    void add(std::string_view octets) noexcept {
        for (const char octet : octets) {
            word_ |= std::uint32_t{static_cast<unsigned char>(octet)} << shift_; // little-endian
            shift_ += 8;
            if (shift_ == 32)
                mix();
        }
    }

    std::uint32_t finish() noexcept {
        if (shift_ != 0)
            hash_ = (hash_ ^ word_) * multiplier;
        hash_ = (hash_ ^ (hash_ >> 13)) * multiplier;
        return hash_ ^ (hash_ >> 15);
    }

  private:
    void mix() noexcept {
        word_ *= multiplier;
        word_ ^= word_ >> 24;
        hash_ = (hash_ * multiplier) ^ (word_ * multiplier);
        word_ = 0;
        shift_ = 0;
    }

    std::uint32_t hash_;
    std::uint32_t word_ = 0; ///< bytes that wait for the rest of their four
    unsigned shift_ = 0;
};

} // namespace

std::uint32_t murmur2(std::string_view octets) noexcept {
    murmur2_stream hash(octets.size());
    hash.add(octets);
    return hash.finish();
}

std::int32_t partition_of(std::string_view source, std::string_view id, std::int32_t partitions) noexcept {
    murmur2_stream hash(source.size() + 1 + id.size());
    hash.add(source);
    hash.add({"\0", 1});
    hash.add(id);
    return static_cast<std::int32_t>(hash.finish() & 0x7fffffffU) % partitions;
}

} // namespace millrace::event

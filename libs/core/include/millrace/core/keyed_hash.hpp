// The keyed hash by which events and clients are known where their names would take too much room:
// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, 2012). Who does not know the secret cannot
// find two texts of one hash.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace millrace {

struct hash128 {
    std::uint64_t low;
    std::uint64_t high;

    bool operator==(const hash128&) const = default;
};

struct hash_secret {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    /// From the operating system. Throws std::system_error where it has none to give.
    static hash_secret random();
};

/// Takes whole words, so that it never has to keep part of one: SipHash of the words' bytes, little-endian.
class keyed_hash {
  public:
    explicit keyed_hash(const hash_secret& secret) noexcept
        : v0_(secret.low ^ 0x736f6d6570736575U),
          v1_(secret.high ^ 0x646f72616e646f6dU ^ 0xeeU),
          v2_(secret.low ^ 0x6c7967656e657261U),
          v3_(secret.high ^ 0x7465646279746573U) {}

    keyed_hash& word(std::uint64_t w) noexcept {
        v3_ ^= w;
        round();
        round();
        v0_ ^= w;
        size_ += 8;
        return *this;
    }

    /// The size, then the octets, filled up with zeros: what follows cannot be taken for a part of it.
    keyed_hash& text(std::string_view octets) noexcept;

    hash128 finish() noexcept;

  private:
    void round() noexcept {
        v0_ += v1_;
        v1_ = std::rotl(v1_, 13) ^ v0_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v3_;
        v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ += v3_;
        v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ += v1_;
        v1_ = std::rotl(v1_, 17) ^ v2_;
        v2_ = std::rotl(v2_, 32);
    }

    std::uint64_t v0_;
    std::uint64_t v1_;
    std::uint64_t v2_;
    std::uint64_t v3_;
    std::uint64_t size_ = 0;
};

} // namespace millrace

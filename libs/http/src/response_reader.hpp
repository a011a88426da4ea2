// Reads the answer to a request, from octets in any pieces: its status, Retry-After, the beginning of its
// body, and where it ends (RFC 9112, section 6.3). No I/O.
#pragma once

#include "chunk_decoder.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::http {

class response_reader {
  public:
    struct limits {
        std::size_t head_bytes; ///< beyond: failed
        std::size_t body_bytes; ///< beyond: complete, as it is, and the connection of no more use
        std::size_t kept_bytes; ///< of the body
    };
    enum class phase { head, body, complete, failed };

    explicit response_reader(const limits& l) : limits_(l) {}

    /// For the next answer.
    void reset();

    /// Takes all of it.
    phase feed(std::string_view octets);

    /// The connection has ended: that may be how the body ends, else the answer is not whole and the phase
    /// stays what it was.
    phase end();

    phase current() const noexcept { return phase_; }
    bool begun() const noexcept { return begun_; } ///< one octet at least
    unsigned status() const noexcept { return status_; }
    std::string_view retry_after() const noexcept { return retry_after_; }
    std::string_view body() const noexcept { return kept_; }

    /// Whether another request may be sent on the connection, once the answer is complete.
    bool reusable() const noexcept { return reusable_; }

    /// What is wrong, as the end of a sentence about the answer.
    const std::string& fault() const noexcept { return fault_; }

  private:
    phase fail(std::string why);
    phase feed_head(std::string_view octets);
    phase begin_body(std::size_t head_size);
    phase feed_body(std::string_view octets);
    phase feed_chunks(std::string_view octets);
    void keep(std::string_view data);
    phase complete(bool reusable);

    limits limits_;
    phase phase_ = phase::head;
    bool begun_ = false;
    bool reusable_ = false;
    unsigned status_ = 0;
    unsigned interim_ = 0;
    std::string head_;
    std::string retry_after_;
    std::string kept_;
    std::string fault_;
    std::optional<chunk_decoder> chunks_;
    std::optional<std::uint64_t>
        length_;              ///< of the body, where it is said; neither: until the connection ends
    std::uint64_t taken_ = 0; ///< of the body
};

} // namespace millrace::http

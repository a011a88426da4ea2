// Makes requests of the octets of one connection: buffers, limits and the memory that bodies take. No I/O.
#pragma once

#include "chunk_decoder.hpp"
#include "message_parser.hpp"
#include "millrace/http/problem.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace millrace::http {

/// Memory that the bodies of all connections of a server share.
class body_budget {
  public:
    body_budget(std::size_t limit, std::atomic<std::uint64_t>& used) : limit_(limit), used_(used) {}

    bool take(std::size_t bytes) noexcept;
    void give_back(std::size_t bytes) noexcept;

  private:
    std::size_t limit_;
    std::atomic<std::uint64_t>& used_; ///< written by this alone, read by any thread
};

/// Memory that is not zeroed first.
struct octet_buffer {
    std::unique_ptr<char[]> data;
    std::size_t capacity = 0;

    /// Makes it that large and keeps the first `used` octets.
    void reallocate(std::size_t bytes, std::size_t used);
    void free() noexcept;
};

/// Owned by its connection. Octets go in by `prepare` and `commit`, `advance` says what they make, `release`
/// makes room for the next request. Views of `head()` and `body()` hold until `release`.
class message_reader {
  public:
    enum class phase { idle, head, body, complete, failed };

    message_reader(message_parser::limits limits, body_budget& budget) : limits_(limits), budget_(budget) {}
    message_reader(const message_reader&) = delete;
    message_reader& operator=(const message_reader&) = delete;
    ~message_reader();

    /// Where the next octets belong; never empty.
    std::span<char> prepare();
    void commit(std::size_t bytes);

    /// Goes as far as the octets reach: to the end of a request, a fault, or for want of more.
    phase advance();
    phase current() const noexcept { return phase_; }

    /// Whether the client waits for 100 Continue: says yes once a request.
    bool take_continue() noexcept;

    const message_head& head() const noexcept { return head_; }
    std::string_view body() const noexcept { return body_; }
    bool keep_alive() const;             ///< of a complete request
    bool http10() const;                 ///< of a complete request
    std::size_t octets() const noexcept; ///< of the message under way, as far as it was read
    const problem& fault() const noexcept { return *fault_; }

    /// Forgets the request; what follows it in the buffer becomes the next one.
    void release();

  private:
    bool append(std::string_view octets);
    void fail(problem p);
    void advance_head();
    std::size_t find_head_end();
    void begin_message(std::size_t head_size);
    void begin_sized_body(std::size_t size);
    void advance_sized_body();
    void advance_chunks();
    void compact();
    bool reserve_body(std::size_t bytes);
    void free_body() noexcept;
    std::string_view pending() const noexcept { return {buffer_.data.get() + begin_, end_ - begin_}; }

    message_parser::limits limits_;
    body_budget& budget_;
    phase phase_ = phase::idle;

    octet_buffer buffer_; ///< [begin_, end_): the message under way and what follows it
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t line_ = 0;    ///< where the line that is not complete starts
    std::size_t body_at_ = 0; ///< first octet after the head, once that is read
    std::size_t next_ = 0;    ///< first octet after the message, once it is complete

    message_head head_;
    std::optional<message_parser> parser_;
    std::optional<chunk_decoder> chunks_; ///< of a message that is chunked
    bool wants_continue_ = false;
    std::string_view body_;
    octet_buffer body_buffer_;      ///< of a body that does not fit behind its head, and of a chunked one
    std::size_t body_size_ = 0;     ///< octets in body_buffer_
    std::size_t body_expected_ = 0; ///< by Content-Length
    std::optional<problem> fault_;
};

} // namespace millrace::http

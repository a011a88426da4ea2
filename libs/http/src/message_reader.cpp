#include "message_reader.hpp"

#include "characters.hpp"
#include "faults.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace millrace::http {
namespace {

constexpr std::size_t initial_buffer = 8'192 - 64; ///< with the allocator's own part, two pages
constexpr std::size_t reserved_at_once = 65'536;
constexpr std::size_t least_room_for_chunks = 4'096; ///< fewer reads, no more
constexpr std::size_t kept_headers = 32;

} // namespace

bool body_budget::take(std::size_t bytes) noexcept {
    const std::uint64_t used = used_.load(std::memory_order_relaxed);
    if (bytes > limit_ - std::min<std::uint64_t>(used, limit_))
        return false;
    used_.store(used + bytes, std::memory_order_relaxed);
    return true;
}

void body_budget::give_back(std::size_t bytes) noexcept {
    used_.store(used_.load(std::memory_order_relaxed) - bytes, std::memory_order_relaxed);
}

void octet_buffer::reallocate(std::size_t bytes, std::size_t used) {
    auto larger = std::make_unique_for_overwrite<char[]>(bytes);
    if (used != 0)
        std::memcpy(larger.get(), data.get(), used);
    data = std::move(larger);
    capacity = bytes;
}

void octet_buffer::free() noexcept {
    data.reset();
    capacity = 0;
}

message_reader::~message_reader() {
    free_body();
}

std::span<char> message_reader::prepare() {
    if (phase_ == phase::body && !chunks_ && body_buffer_.capacity != 0)
        return {body_buffer_.data.get() + body_size_, body_buffer_.capacity - body_size_};
    if (buffer_.capacity == 0)
        buffer_.reallocate(initial_buffer, 0);
    if (end_ == buffer_.capacity && phase_ != phase::body)
        compact();
    return {buffer_.data.get() + end_, buffer_.capacity - end_};
}

void message_reader::commit(std::size_t bytes) {
    if (phase_ == phase::body && !chunks_ && body_buffer_.capacity != 0)
        body_size_ += bytes;
    else
        end_ += bytes;
}

message_reader::phase message_reader::advance() {
    if (phase_ == phase::idle && end_ != begin_)
        phase_ = phase::head;
    if (phase_ == phase::head)
        advance_head();
    if (phase_ == phase::body)
        chunks_ ? advance_chunks() : advance_sized_body();
    return phase_;
}

bool message_reader::take_continue() noexcept {
    return std::exchange(wants_continue_, false);
}

bool message_reader::keep_alive() const {
    return parser_->keep_alive();
}

bool message_reader::http10() const {
    return parser_->http10();
}

std::size_t message_reader::octets() const noexcept {
    if (body_at_ == 0)
        return end_ - begin_;
    const std::size_t head = body_at_ - begin_;
    if (chunks_)
        return head + static_cast<std::size_t>(chunks_->taken());
    return head + std::min(body_buffer_.capacity != 0 ? body_size_ : end_ - body_at_, body_expected_);
}

void message_reader::release() {
    free_body();
    parser_.reset();
    head_.clear();
    chunks_.reset();
    wants_continue_ = false;
    body_ = {};
    body_at_ = body_expected_ = 0;
    begin_ = line_ = next_;
    phase_ = begin_ == end_ ? phase::idle : phase::head;
    if (phase_ != phase::idle)
        return;
    begin_ = end_ = line_ = next_ = 0;
    if (buffer_.capacity > initial_buffer)
        buffer_.free();
    if (head_.headers.capacity() > kept_headers)
        std::vector<field>().swap(head_.headers);
}

void message_reader::fail(problem p) {
    fault_ = std::move(p);
    phase_ = phase::failed;
}

void message_reader::advance_head() {
    const std::size_t size = find_head_end();
    if (phase_ == phase::failed)
        return;
    if (begin_ == end_) { // nothing but empty lines
        phase_ = phase::head;
        return;
    }
    if (size == 0 && end_ - begin_ > limits_.header_bytes)
        return pending().substr(0, limits_.header_bytes).find('\n') == std::string_view::npos
                   ? fail(target_too_long(limits_.header_bytes))
                   : fail(headers_too_large("The request line and the headers are larger than " +
                                            std::to_string(limits_.header_bytes) + " bytes. Send less."));
    if (size != 0)
        return begin_message(size);
    if (end_ == buffer_.capacity && begin_ == 0)
        buffer_.reallocate(std::min(buffer_.capacity * 2, limits_.header_bytes + initial_buffer), end_);
}

/// The head's size with its empty line, or 0 while it is not complete. Skips empty lines before it (RFC 9112,
/// section 2.2) and refuses a line that ends without a carriage return. Looks no further than a head may
/// reach, so that what is too large is that however it arrives.
std::size_t message_reader::find_head_end() {
    const char* const data = buffer_.data.get();
    std::size_t at = line_;
    const auto reach = [this] { return std::min(end_, begin_ + limits_.header_bytes); };
    while (at < reach()) {
        const void* const found = std::memchr(data + at, '\n', reach() - at);
        if (found == nullptr)
            break;
        const auto feed = static_cast<std::size_t>(static_cast<const char*>(found) - data);
        if (feed == begin_ || data[feed - 1] != '\r') {
            fail(malformed("A line ends without a carriage return. End lines with CRLF."));
            return 0;
        }
        const bool empty = feed - line_ == 1;
        if (empty && line_ != begin_)
            return feed + 1 - begin_;
        at = line_ = feed + 1;
        if (empty)
            begin_ = line_;
    }
    if (begin_ != end_ && !is_token_char(data[begin_]) && data[begin_] != '\r')
        fail(malformed("This is not HTTP/1.1. A request begins with its method."));
    return 0;
}

void message_reader::begin_message(std::size_t head_size) {
    parser_.emplace(head_, limits_);
    if (auto fault = parser_->parse_head({buffer_.data.get() + begin_, head_size}))
        return fail(std::move(*fault));
    const bool chunked = parser_->chunked();
    const auto length = static_cast<std::size_t>(parser_->content_length().value_or(0));
    const std::size_t wanted = head_size + (chunked ? least_room_for_chunks : length);
    if (begin_ + wanted > buffer_.capacity && (chunked || wanted <= buffer_.capacity)) {
        compact();
        if (wanted > buffer_.capacity)
            buffer_.reallocate(wanted, end_);
        // The octets have moved: the head is read again where it is now, and cannot fail.
        parser_.emplace(head_, limits_);
        parser_->parse_head({buffer_.data.get(), head_size});
    }
    body_at_ = begin_ + head_size;
    phase_ = phase::body;
    wants_continue_ = head_.expects_continue && end_ == body_at_ && (chunked || length != 0);
    if (chunked)
        chunks_.emplace(limits_.body_bytes, limits_.header_bytes);
    else
        begin_sized_body(length);
}

void message_reader::begin_sized_body(std::size_t size) {
    body_expected_ = size;
    if (body_at_ + size <= buffer_.capacity)
        return;
    const std::size_t here = std::min(end_ - body_at_, size); // that came with the head
    if (!reserve_body(std::max(std::min(size, reserved_at_once), here)))
        return;
    body_size_ = here;
    std::memcpy(body_buffer_.data.get(), buffer_.data.get() + body_at_, body_size_);
    end_ = body_at_;
}

void message_reader::advance_sized_body() {
    if (body_buffer_.capacity == 0) {
        if (end_ - body_at_ < body_expected_)
            return;
        body_ = {buffer_.data.get() + body_at_, body_expected_};
        next_ = body_at_ + body_expected_;
    } else {
        if (body_size_ == body_buffer_.capacity && body_size_ < body_expected_ &&
            !reserve_body(std::min(body_expected_, body_size_ * 2)))
            return;
        if (body_size_ < body_expected_)
            return;
        body_ = {body_buffer_.data.get(), body_expected_};
        next_ = body_at_;
    }
    phase_ = phase::complete;
}

void message_reader::advance_chunks() {
    char* const raw = buffer_.data.get() + body_at_;
    std::string_view rest(raw, end_ - body_at_);
    while (!rest.empty() && !chunks_->done()) {
        std::string_view data;
        if (auto fault = chunks_->next(rest, data))
            return fail(std::move(*fault));
        if (!append(data))
            return;
    }
    std::memmove(raw, rest.data(), rest.size());
    end_ = body_at_ + rest.size();
    if (!chunks_->done())
        return;
    body_ = {body_buffer_.data.get(), body_size_};
    next_ = body_at_;
    phase_ = phase::complete;
}

bool message_reader::append(std::string_view octets) {
    if (octets.empty())
        return true;
    const std::size_t wanted = body_size_ + octets.size();
    if (wanted > body_buffer_.capacity &&
        !reserve_body(std::max(wanted, std::min(body_buffer_.capacity * 2, limits_.body_bytes))))
        return false;
    std::memcpy(body_buffer_.data.get() + body_size_, octets.data(), octets.size());
    body_size_ = wanted;
    return true;
}

void message_reader::compact() {
    if (begin_ == 0)
        return;
    std::memmove(buffer_.data.get(), buffer_.data.get() + begin_, end_ - begin_);
    end_ -= begin_;
    line_ -= begin_;
    begin_ = 0;
}

bool message_reader::reserve_body(std::size_t bytes) {
    if (!budget_.take(bytes - body_buffer_.capacity)) {
        fail(overloaded(
            "The bodies of requests under way take all the memory that they may. Try again later."));
        return false;
    }
    body_buffer_.reallocate(bytes, body_size_);
    return true;
}

void message_reader::free_body() noexcept {
    budget_.give_back(body_buffer_.capacity);
    body_buffer_.free();
    body_size_ = 0;
}

} // namespace millrace::http

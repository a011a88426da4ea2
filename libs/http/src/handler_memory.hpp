// Room for the one operation of a kind that a connection has under way. Asio keeps the memory of two finished
// operations per thread and goes to the heap for any more, which with many connections is once an answer.
#pragma once

#include <boost/asio/bind_allocator.hpp>

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace millrace::http {

/// Lives with the connection; on one loop. What does not fit, or comes while it is taken, is from the heap.
class handler_memory {
  public:
    handler_memory() = default;
    handler_memory(const handler_memory&) = delete;
    handler_memory& operator=(const handler_memory&) = delete;

    void* take(std::size_t bytes) {
        if (bytes > room_.size() || std::exchange(taken_, true))
            return ::operator new(bytes);
        return room_.data();
    }
    void give_back(void* at) noexcept {
        if (at == room_.data())
            taken_ = false;
        else
            ::operator delete(at);
    }

  private:
    alignas(std::max_align_t) std::array<std::byte, 192> room_; // a read or a write fits
    bool taken_ = false;
};

/// How asio reaches a handler_memory.
template <class T>
class handler_allocator {
  public:
    using value_type = T;

    explicit handler_allocator(handler_memory& memory) noexcept : memory_(&memory) {}
    template <class U>
    handler_allocator(const handler_allocator<U>& other) noexcept : memory_(other.memory_) {}

    T* allocate(std::size_t n) { return static_cast<T*>(memory_->take(n * sizeof(T))); }
    void deallocate(T* at, std::size_t) noexcept { memory_->give_back(at); }

    friend bool operator==(const handler_allocator&, const handler_allocator&) = default;

  private:
    template <class U>
    friend class handler_allocator;

    handler_memory* memory_;
};

/// The handler of an operation whose memory is `memory`.
template <class Function>
auto in_memory(handler_memory& memory, Function to_do) {
    return boost::asio::bind_allocator(handler_allocator<std::byte>(memory), std::move(to_do));
}

} // namespace millrace::http

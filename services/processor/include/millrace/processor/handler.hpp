// What a handler of events is, and what it is given. docs/processor.md shows one.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/field.hpp"
#include "millrace/core/types.hpp"
#include "millrace/event/event.hpp"
#include "millrace/runtime/metrics.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace millrace::processor {

/// One attempt at one event. Valid, with everything it points to, until the attempt's completion is called.
struct delivery {
    const event::event* event = nullptr; ///< never null for a handler; its id is never empty
    std::string_view topic;
    partition_id partition{};
    record_offset offset{};
    unix_ms timestamp;              ///< of the record: when the ingress took the event
    unsigned attempt = 1;           ///< counts up with each retry
    std::span<const field> headers; ///< of the record, as they are; `traceparent` and `tracestate` among them
};

/// How an attempt ended.
struct outcome {
    enum class kind : std::uint8_t {
        done,  ///< the event is processed
        retry, ///< it may work later: tried again after a backoff, dead-lettered when the attempts are used
               ///< up
        terminal,  ///< it never will: dead-lettered now
        postponed, ///< it was not tried: given again after a pause, as the same attempt
    };
    kind what = kind::done;
    std::string_view error_class;      ///< short and stable, a metric's label: "timeout", "http_4xx"
    std::string_view message;          ///< for people
    std::optional<milliseconds> after; ///< retry no sooner than this; postponed for just this
};

/// Where completions report to. It outlives its owner while completions exist, and does nothing then. One
/// thread.
class completion_desk {
  public:
    class owner {
      public:
        virtual void complete(std::uint32_t ticket, const outcome& how) noexcept = 0;

      protected:
        ~owner() = default;
    };

    /// The owner's reference is the first; `leave` gives it up.
    static completion_desk* open(owner& of) { return new completion_desk(of); }
    void leave() noexcept;

  private:
    friend class completion;
    explicit completion_desk(owner& of) noexcept : owner_(&of) {}
    void release() noexcept;

    owner* owner_;
    std::uint64_t references_ = 1;
};

/// The promise to say how an attempt ended: exactly once, inside `handle` or later, on the loop's thread. One
/// that is dropped counts as a retry with the error class "abandoned", so that no event hangs on a forgotten
/// path.
class completion {
  public:
    completion(completion_desk& desk, std::uint32_t ticket) noexcept : desk_(&desk), ticket_(ticket) {
        ++desk.references_;
    }
    completion(completion&& other) noexcept
        : desk_(std::exchange(other.desk_, nullptr)), ticket_(other.ticket_) {}
    completion& operator=(completion&& other) noexcept {
        std::swap(desk_, other.desk_);
        std::swap(ticket_, other.ticket_);
        return *this;
    }
    ~completion();

    void done() noexcept { report({}); }
    void retry(std::string_view error_class, std::string_view message,
               std::optional<milliseconds> after = std::nullopt) noexcept {
        report({outcome::kind::retry, error_class, message, after});
    }
    /// Not for what went wrong with the event: nothing bounds how often it is postponed.
    void postpone(std::string_view error_class, std::string_view message, milliseconds pause) noexcept {
        report({outcome::kind::postponed, error_class, message, pause});
    }
    void fail(std::string_view error_class, std::string_view message) noexcept {
        report({outcome::kind::terminal, error_class, message, std::nullopt});
    }

  private:
    void report(const outcome& how) noexcept;

    completion_desk* desk_;
    std::uint32_t ticket_;
};

/// Lives on the processor's loop; every call is made there. Never blocks: what takes time is started here and
/// completed later. At most `concurrency` attempts are under way at once.
class handler {
  public:
    /// Attempts may still be under way when the processor's drain timeout is over: cancel them. Their
    /// completions may be dropped; nobody listens any more.
    virtual ~handler() = default;

    virtual std::string_view name() const noexcept = 0;

    /// An exception counts as a retry with the error class "exception".
    virtual void handle(const delivery& d, completion c) = 0;

    /// A JSON object of the handler's own numbers for /status, or nothing.
    virtual std::string status_json() const { return {}; }

    /// Families of the handler's own for /metrics, by names that start with millrace_handler_.
    virtual void write_metrics(runtime::exposition&) const {}
};

} // namespace millrace::processor

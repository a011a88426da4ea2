#include "end_watch.hpp"

#include <utility>

namespace millrace::processor {
namespace {

// So that what /status says is less than two seconds old on a busy machine too.
constexpr milliseconds interval{500};
constexpr milliseconds deadline{2'000}; // which the end of the process may have to wait for

} // namespace

void end_watch::stop() {
    stopped_ = true;
    timer_.cancel();
}

void end_watch::look() {
    auto names = events_.owned_names();
    if (names.empty())
        return wait();
    auto asked = names;
    cluster_.ends(std::move(asked), deadline,
                  [this, names = std::move(names)](result<std::vector<std::optional<record_offset>>> ends) {
                      if (stopped_)
                          return;
                      for (std::size_t i = 0; ends.has_value() && i < names.size(); ++i)
                          if (const auto end = (*ends)[i])
                              events_.note_end(names[i], *end);
                      wait(); // where Kafka could not be asked, the next round asks again
                  });
}

void end_watch::wait() {
    timer_.expires_after(interval);
    timer_.async_wait([this](error_code) {
        if (!stopped_)
            look();
    });
}

} // namespace millrace::processor

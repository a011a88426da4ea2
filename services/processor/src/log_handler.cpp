// Writes one structured line an event.
#include "handlers.hpp"
#include "millrace/runtime/log.hpp"

#include <string>

namespace millrace::processor {
namespace {

class log_handler final : public handler {
  public:
    std::string_view name() const noexcept override { return "log"; }

    void handle(const delivery& d, completion c) override {
        const event::event& e = *d.event;
        runtime::log(runtime::level::info, "event",
                     {{"id", e.id},
                      {"source", e.source},
                      {"type", e.type},
                      {"topic", d.topic},
                      {"partition", std::to_string(value(d.partition))},
                      {"offset", std::to_string(value(d.offset))},
                      {"key", e.key.value_or(std::string_view{})},
                      {"bytes", std::to_string(e.data.size())}});
        c.done();
    }
};

} // namespace

std::unique_ptr<handler> make_log_handler() {
    return std::make_unique<log_handler>();
}

} // namespace millrace::processor

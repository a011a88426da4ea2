#include "bounded_call.hpp"

#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace millrace::kafka {

bool returns_within(milliseconds patience, std::function<void()> call) {
    const auto shared = std::make_shared<std::function<void()>>(std::move(call));
    auto returned = std::make_shared<std::promise<void>>();
    const std::future<void> answer = returned->get_future();
    std::thread thread;
    try {
        thread = std::thread([shared, returned] {
            (*shared)();
            returned->set_value();
        });
    } catch (const std::system_error&) {
        (*shared)();
        return true;
    }
    if (answer.wait_for(patience) == std::future_status::ready) {
        thread.join();
        return true;
    }
    thread.detach();
    return false;
}

} // namespace millrace::kafka

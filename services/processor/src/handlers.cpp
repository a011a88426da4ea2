#include "handlers.hpp"

#include <stdexcept>

namespace millrace::processor {

std::unique_ptr<handler> make_handler(boost::asio::io_context& loop, const settings::file& settings) {
    const std::string& name = settings.processor.handler;
    if (name == "count")
        return make_count_handler(loop);
    if (name == "log")
        return make_log_handler();
    throw std::runtime_error("processor.handler is '" + name + "'; the handlers are count and log");
}

} // namespace millrace::processor

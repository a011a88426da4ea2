#include "handlers.hpp"

#include <stdexcept>

namespace millrace::processor {

std::unique_ptr<handler> make_handler(boost::asio::io_context& loop, const settings::file& settings) {
    const std::string& name = settings.processor.handler;
    if (name == "count")
        return make_count_handler(loop);
    if (name == "log")
        return make_log_handler();
    if (name == "http")
        return make_http_handler(loop, settings.handlers.http);
    if (name == "sqlite")
        return make_sqlite_handler(loop, settings);
    if (name == "postgres")
        return make_postgres_handler(loop, settings);
    throw std::runtime_error("processor.handler is '" + name +
                             "'; the handlers are count, log, http, sqlite and postgres");
}

} // namespace millrace::processor

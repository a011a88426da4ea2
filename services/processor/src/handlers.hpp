// The handlers that come with the processor. To add one: a class, a line in make_handler, its settings.
#pragma once

#include "millrace/processor/handler.hpp"
#include "millrace/settings/settings.hpp"

#include <memory>

namespace boost::asio {
class io_context;
}

namespace millrace::processor {

std::unique_ptr<handler> make_count_handler(boost::asio::io_context& loop);
std::unique_ptr<handler> make_log_handler();
std::unique_ptr<handler> make_http_handler(boost::asio::io_context& loop, const settings::http_handler& s);

/// They throw std::runtime_error where what the settings name cannot be used.
std::unique_ptr<handler> make_sqlite_handler(boost::asio::io_context& loop, const settings::file& settings);
std::unique_ptr<handler> make_postgres_handler(boost::asio::io_context& loop, const settings::file& settings);

/// The one that the settings name, to live on `loop`; throws std::runtime_error where there is none of that
/// name.
std::unique_ptr<handler> make_handler(boost::asio::io_context& loop, const settings::file& settings);

} // namespace millrace::processor

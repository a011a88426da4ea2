#include "millrace/http/date.hpp"

#include <array>
#include <ctime>
#include <string>

namespace millrace::http {
namespace {

// IMF-fixdate, RFC 850, asctime. The program never leaves the C locale, so the names are English.
constexpr std::array<const char*, 3> forms = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                              "%a %b %e %H:%M:%S %Y"};

} // namespace

std::optional<unix_ms> parse_http_date(std::string_view text) {
    const std::string ended(text);
    for (const char* const form : forms) {
        std::tm parts{};
        const char* const end = ::strptime(ended.c_str(), form, &parts);
        if (end == ended.c_str() + ended.size() && parts.tm_sec < 61)
            return unix_ms{static_cast<std::int64_t>(::timegm(&parts)) * 1'000};
    }
    return std::nullopt;
}

} // namespace millrace::http

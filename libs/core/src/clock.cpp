#include "millrace/core/clock.hpp"

#include <cstdio>
#include <ctime>

namespace millrace {

unix_ms system_now() noexcept {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

std::string to_rfc3339(unix_ms t) {
    using namespace std::chrono;
    const sys_time<milliseconds> point{milliseconds{t.value}};
    const auto day = floor<days>(point);
    const year_month_day date{day};
    const hh_mm_ss time{point - day};
    char text[40];
    const int length = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                                     int{date.year()}, unsigned{date.month()}, unsigned{date.day()},
                                     int(time.hours().count()), int(time.minutes().count()),
                                     int(time.seconds().count()), int(time.subseconds().count()));
    return std::string(text, static_cast<std::size_t>(length));
}

} // namespace millrace

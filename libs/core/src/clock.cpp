#include "millrace/core/clock.hpp"

#include <span>
#include <string_view>

namespace millrace {
namespace {

void write_digits(std::span<char> to, std::size_t at, std::size_t width, int number) {
    for (std::size_t i = width; i > 0; --i) {
        to[at + i - 1] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
}

} // namespace

unix_ms system_now() noexcept {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

void append_rfc3339(std::string& to, unix_ms t) {
    using namespace std::chrono;
    const sys_time<milliseconds> point{milliseconds{t.value}};
    const auto day = floor<days>(point);
    const year_month_day date{day};
    const hh_mm_ss time{point - day};
    constexpr std::string_view form = "0000-00-00T00:00:00.000Z";
    to += form;
    const auto text = std::span(to).last(form.size());
    write_digits(text, 0, 4, int{date.year()});
    write_digits(text, 5, 2, static_cast<int>(unsigned{date.month()}));
    write_digits(text, 8, 2, static_cast<int>(unsigned{date.day()}));
    write_digits(text, 11, 2, static_cast<int>(time.hours().count()));
    write_digits(text, 14, 2, static_cast<int>(time.minutes().count()));
    write_digits(text, 17, 2, static_cast<int>(time.seconds().count()));
    write_digits(text, 20, 3, static_cast<int>(time.subseconds().count()));
}

std::string to_rfc3339(unix_ms t) {
    std::string text;
    append_rfc3339(text, t);
    return text;
}

} // namespace millrace

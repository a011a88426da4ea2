#include "json_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace millrace::event {
namespace {

__extension__ using wide = unsigned __int128;

constexpr std::int32_t max_exponent = 1'000'000; // beyond any long double
constexpr int exact_powers = 28;                 // 10^27 is the last that fits 64 bits of mantissa

constexpr auto powers_of_ten = [] {
    std::array<long double, exact_powers> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i)
        powers[i] = powers[i - 1] * 10;
    return powers;
}();

std::int32_t read_exponent(std::string_view text) noexcept {
    if (text.starts_with('+'))
        text.remove_prefix(1);
    std::int32_t exponent = 0;
    const auto problem = std::from_chars(text.data(), text.data() + text.size(), exponent).ec;
    if (problem != std::errc{})
        return text.starts_with('-') ? -max_exponent : max_exponent;
    return std::clamp(exponent, -max_exponent, max_exponent);
}

long double read_value(std::string_view text) noexcept {
    long double value = 0;
    const auto problem = std::from_chars(text.data(), text.data() + text.size(), value).ec;
    if (problem != std::errc::result_out_of_range)
        return value;
    const std::size_t e = text.find_first_of("eE");
    if (e != std::string_view::npos && text.substr(e + 1).starts_with('-'))
        return 0;
    return text.starts_with('-') ? -std::numeric_limits<long double>::infinity()
                                 : std::numeric_limits<long double>::infinity();
}

} // namespace

json_number::json_number(std::string_view text) noexcept {
    const std::size_t end = std::min(text.find_first_of("eE"), text.size());
    if (end < text.size())
        exponent_ = read_exponent(text.substr(end + 1));
    bool in_fraction = false;
    for (const char c : text.substr(0, end)) {
        if (c == '.') {
            in_fraction = true;
        } else if (c != '-') {
            exact_ = exact_ && mantissa_ < std::numeric_limits<std::uint64_t>::max() / 10;
            mantissa_ = exact_ ? mantissa_ * 10 + static_cast<std::uint64_t>(c - '0') : 0;
            exponent_ -= in_fraction ? 1 : 0;
        }
    }
    if (mantissa_ == 0)
        exponent_ = 0;
    for (; mantissa_ != 0 && mantissa_ % 10 == 0; mantissa_ /= 10)
        ++exponent_;

    // Both operands are exact, so that one rounding gives the nearest value.
    if (exact_ && exponent_ > -exact_powers && exponent_ < exact_powers) {
        const auto mantissa = static_cast<long double>(mantissa_);
        const long double power = powers_of_ten[static_cast<std::size_t>(std::abs(exponent_))];
        value_ = exponent_ < 0 ? mantissa / power : mantissa * power;
        if (text.starts_with('-'))
            value_ = -value_;
    } else {
        value_ = read_value(text);
    }
}

bool json_number::is_integer() const noexcept {
    return exact_ ? exponent_ >= 0 : std::floor(value_) == value_;
}

bool json_number::is_multiple_of(const json_number& divisor) const noexcept {
    if (!exact_ || !divisor.exact_)
        return std::fmod(value_, divisor.value_) == 0;
    if (mantissa_ == 0)
        return true;
    const std::int32_t shift = exponent_ - divisor.exponent_;
    if (shift < 0) // a multiple ends in no fewer zeros than its divisor
        return false;
    std::uint64_t remainder = mantissa_ % divisor.mantissa_;
    for (std::int32_t i = 0; i < std::min(shift, 64) && remainder != 0; ++i) // 2^64 divides 10^64
        remainder = static_cast<std::uint64_t>(static_cast<wide>(remainder) * 10 % divisor.mantissa_);
    return remainder == 0;
}

} // namespace millrace::event

// What a JSON number says, exactly where it has up to 19 digits, and else as near as a long double comes.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::event {

class json_number {
  public:
    /// `text` is a number of RFC 8259, section 6. Beyond what a long double can hold it is infinite.
    explicit json_number(std::string_view text) noexcept;

    long double value() const noexcept { return value_; }
    /// Without a fraction: 1.0 and 1e3 are integers too (JSON Schema draft 6 and later).
    bool is_integer() const noexcept;
    /// Whether a whole number of times `divisor`, which is above 0, makes this.
    bool is_multiple_of(const json_number& divisor) const noexcept;

  private:
    long double value_ = 0;
    std::uint64_t mantissa_ = 0; // without sign and trailing zeros: value = mantissa * 10^exponent
    std::int32_t exponent_ = 0;
    bool exact_ = true; // false: the mantissa has more digits than fit
};

} // namespace millrace::event

// The JSON check: Boost.JSON's push parser with a handler that keeps nothing. It is the one file that
// includes the parser's templates, which are slow to compile.
#include "millrace/event/json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>

#include <algorithm>

namespace millrace::event {
namespace {

namespace json = boost::json;
using boost::system::error_code;

struct keep_nothing {
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = max_array_size;
    static constexpr std::size_t max_string_size = max_array_size;
    static constexpr std::size_t max_key_size = max_array_size;

    bool on_document_begin(error_code&) noexcept { return true; }
    bool on_document_end(error_code&) noexcept { return true; }
    bool on_array_begin(error_code&) noexcept { return true; }
    bool on_array_end(std::size_t, error_code&) noexcept { return true; }
    bool on_object_begin(error_code&) noexcept { return true; }
    bool on_object_end(std::size_t, error_code&) noexcept { return true; }
    bool on_string_part(json::string_view, std::size_t, error_code&) noexcept { return true; }
    bool on_string(json::string_view, std::size_t, error_code&) noexcept { return true; }
    bool on_key_part(json::string_view, std::size_t, error_code&) noexcept { return true; }
    bool on_key(json::string_view, std::size_t, error_code&) noexcept { return true; }
    bool on_number_part(json::string_view, error_code&) noexcept { return true; }
    bool on_int64(std::int64_t, json::string_view, error_code&) noexcept { return true; }
    bool on_uint64(std::uint64_t, json::string_view, error_code&) noexcept { return true; }
    bool on_double(double, json::string_view, error_code&) noexcept { return true; }
    bool on_bool(bool, error_code&) noexcept { return true; }
    bool on_null(error_code&) noexcept { return true; }
    bool on_comment_part(json::string_view, error_code&) noexcept { return true; }
    bool on_comment(json::string_view, error_code&) noexcept { return true; }
};

// Newer versions of Boost can be told not to work out the value of a number, which nobody here wants.
template <class Options>
Options options_for(std::size_t max_depth) {
    Options options;
    options.max_depth = max_depth;
    if constexpr (requires { options.numbers = decltype(options.numbers)::none; })
        options.numbers = decltype(options.numbers)::none;
    return options;
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// \uD800 to \uDFFF: half of a character beyond U+FFFF.
bool is_surrogate_escape(std::string_view text) noexcept {
    return text.size() >= 6 && text[0] == '\\' && text[1] == 'u' && (text[2] == 'd' || text[2] == 'D') &&
           text[3] >= '8' && is_hex_digit(text[3]) && is_hex_digit(text[4]) && is_hex_digit(text[5]);
}

// RFC 8259 sets no bound to exponents (section 6) and lets surrogates be escaped on their own (section 8.2),
// while Boost.JSON refuses both. This makes a text of the same length that is JSON if and only if the given
// one is, and has neither: digits of exponents become 0, escaped surrogates become a space. That the same is
// done to strings that look like exponents does no harm, for nobody reads them. Returns whether there was
// anything to change.
bool calm(std::string_view text, std::string& out) {
    out.assign(text);
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (is_surrogate_escape(std::string_view(out).substr(i))) {
            out.replace(i + 2, 4, "0020");
            i += 5;
        } else if (out[i] == 'e' || out[i] == 'E') {
            std::size_t digit = i + 1;
            if (digit < out.size() && (out[digit] == '+' || out[digit] == '-'))
                ++digit;
            for (; digit < out.size() && is_digit(out[digit]); ++digit)
                out[digit] = '0';
            i = digit - 1;
        }
    }
    return out != text;
}

std::string sentence_for(error_code problem, std::string_view text, std::size_t offset,
                         std::size_t max_depth) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return "There is no JSON value here, only an empty text.";
    if (text.starts_with("\xef\xbb\xbf"))
        return "The text starts with a byte order mark, which JSON must not have (RFC 8259, section 8.1).";
    const std::string at = " at byte " + std::to_string(offset) + ".";
    if (problem == json::error::too_deep)
        return "Arrays and objects are nested deeper than " + std::to_string(max_depth) + " levels" + at;
    if (problem == json::error::incomplete)
        return "The JSON text ends too early" + at;
    if (problem == json::error::extra_data)
        return "There is more after the end of the JSON value" + at;
    const auto here = offset < text.size() ? static_cast<unsigned char>(text[offset]) : 0U;
    if (here >= 0x80)
        return "This is not JSON in UTF-8: unexpected octet" + at;
    if (here < 0x20 && offset < text.size())
        return "This is not JSON: unexpected control character" + at;
    return "This is not JSON: syntax error" + at;
}

} // namespace

struct json_checker::impl {
    explicit impl(std::size_t depth) : max_depth(depth), parser(options_for<json::parse_options>(depth)) {}

    error_code parse(std::string_view text, std::size_t& offset) {
        error_code problem;
        parser.reset();
        offset = parser.write_some(false, text.data(), text.size(), problem);
        if (!problem && offset < text.size())
            problem = json::error::extra_data;
        return problem;
    }

    std::size_t max_depth;
    json::basic_parser<keep_nothing> parser;
    std::string calmed;
    json_error error;
};

json_checker::json_checker(std::size_t max_depth) : impl_(std::make_unique<impl>(max_depth)) {}
json_checker::~json_checker() = default;

bool json_checker::check(std::string_view text) {
    std::size_t offset = 0;
    error_code problem = impl_->parse(text, offset);
    if (!problem)
        return true;
    if (calm(text, impl_->calmed))
        problem = impl_->parse(impl_->calmed, offset);
    impl_->calmed = std::string(); // a large text that was refused is not kept
    if (!problem)
        return true;
    impl_->error = {offset, sentence_for(problem, text, offset, impl_->max_depth)};
    return false;
}

const json_error& json_checker::error() const noexcept {
    return impl_->error;
}

} // namespace millrace::event

// ECMA 262 and RE2 agree on most of regular expressions; this rewrites where they do not, and refuses what
// RE2 would read otherwise or not at all.
#include "pattern.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace millrace::event {
namespace {

// White space and line ends of ECMA 262 (section "CharacterClassEscape"), and everything else, as ranges.
constexpr std::string_view space =
    R"(\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view no_space =
    R"(\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e})"
    R"(\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view any_but_line_end = R"([^\n\r\x{2028}\x{2029}])";
constexpr std::string_view anything = R"([\x{0}-\x{10ffff}])";
constexpr std::string_view nothing = R"([^\x{0}-\x{10ffff}])";

struct long_name {
    std::string_view name;
    std::string_view category;
};

constexpr std::array long_names{long_name{"Letter", "L"},
                                long_name{"Lowercase_Letter", "Ll"},
                                long_name{"Uppercase_Letter", "Lu"},
                                long_name{"Titlecase_Letter", "Lt"},
                                long_name{"Modifier_Letter", "Lm"},
                                long_name{"Other_Letter", "Lo"},
                                long_name{"Mark", "M"},
                                long_name{"Number", "N"},
                                long_name{"Decimal_Number", "Nd"},
                                long_name{"digit", "Nd"},
                                long_name{"Punctuation", "P"},
                                long_name{"punct", "P"},
                                long_name{"Symbol", "S"},
                                long_name{"Separator", "Z"},
                                long_name{"Space_Separator", "Zs"},
                                long_name{"Other", "C"}};

constexpr std::string_view categories = " L Ll Lu Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm "
                                        "Sc Sk So Z Zs Zl Zp C Cc Cf Co ";

class translation {
  public:
    explicit translation(std::string_view from) : from_(from) {}

    std::string run();
    const std::string& problem() const noexcept { return problem_; }

  private:
    bool at_end() const noexcept { return at_ >= from_.size(); }
    bool skip(std::string_view expected) noexcept;
    void refuse(std::string_view why);

    void group();
    void escape(bool in_class);
    void character_class();
    void unicode_escape();
    void property(char p);
    std::optional<std::uint32_t> hex(std::size_t digits);
    void literal(std::uint32_t code_point);

    std::string_view from_;
    std::size_t at_ = 0;
    std::string out_;
    std::string problem_;
};

bool translation::skip(std::string_view expected) noexcept {
    if (!from_.substr(at_).starts_with(expected))
        return false;
    at_ += expected.size();
    return true;
}

void translation::refuse(std::string_view why) {
    if (problem_.empty())
        problem_ = std::string(why) + " at byte " + std::to_string(at_);
    at_ = from_.size();
}

std::string translation::run() {
    while (!at_end()) {
        const char c = from_[at_++];
        switch (c) {
        case '(':
            group();
            break;
        case '[':
            character_class();
            break;
        case '\\':
            escape(false);
            break;
        case '.':
            out_ += any_but_line_end;
            break;
        case '$':
            out_ += "\\z"; // what RE2's own $ means here, too; said so that no option can change it
            break;
        case '^':
            out_ += "\\A";
            break;
        default:
            out_ += c;
        }
    }
    return std::move(out_);
}

// Groups need no number: there are no back-references.
void translation::group() {
    out_ += "(?:";
    if (!skip("?") || skip(":"))
        return;
    if (skip("=") || skip("!") || skip("<=") || skip("<!"))
        return refuse("look-around is not supported");
    if (!skip("<"))
        return refuse("unknown kind of group");
    const std::size_t end = from_.find('>', at_);
    if (end == std::string_view::npos)
        return refuse("unknown kind of group");
    at_ = end + 1;
}

void translation::character_class() {
    const bool negated = skip("^");
    if (skip("]")) {
        out_ += negated ? anything : nothing;
        return;
    }
    out_ += negated ? "[^" : "[";
    while (!at_end()) {
        const char c = from_[at_++];
        if (c == ']') {
            out_ += ']';
            return;
        }
        if (c == '\\')
            escape(true);
        else if (c == '[') // which would begin a class of POSIX's, as [[:alpha:]]
            out_ += "\\[";
        else
            out_ += c;
    }
    refuse("a character class is not closed");
}

void translation::escape(bool in_class) {
    if (at_end())
        return refuse("nothing follows a backslash");
    const char c = from_[at_++];
    const auto in_brackets = [&](std::string_view ranges) {
        out_ += in_class ? "" : "[";
        out_ += ranges;
        out_ += in_class ? "" : "]";
    };
    switch (c) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
    case 't':
    case 'n':
    case 'v':
    case 'f':
    case 'r':
        out_ += '\\';
        out_ += c;
        return;
    case 'b':
        out_ += in_class ? "\\x08" : "\\b";
        return;
    case 'B':
        return in_class ? refuse("\\B has no meaning in a character class") : void(out_ += "\\B");
    case 's':
        return in_brackets(space);
    case 'S':
        return in_brackets(no_space);
    case 'p':
    case 'P':
        return property(c);
    case 'u':
        return unicode_escape();
    case 'x':
        if (const auto code_point = hex(2))
            return literal(*code_point);
        return refuse("\\x takes two hexadecimal digits");
    case 'c':
        if (!at_end() &&
            ((from_[at_] >= 'a' && from_[at_] <= 'z') || (from_[at_] >= 'A' && from_[at_] <= 'Z')))
            return literal(static_cast<std::uint32_t>(from_[at_++]) & 0x1f);
        return refuse("\\c takes a letter");
    case '0':
        if (!at_end() && from_[at_] >= '0' && from_[at_] <= '9')
            return refuse("octal escapes are not supported");
        return literal(0);
    default:
        if (std::string_view("^$\\.*+?()[]{}|/-").find(c) == std::string_view::npos)
            return refuse(c >= '1' && c <= '9' ? "back-references are not supported" : "unknown escape");
        out_ += '\\';
        out_ += c;
    }
}

void translation::unicode_escape() {
    if (skip("{")) {
        const std::size_t end = from_.find('}', at_);
        const auto code_point = end == std::string_view::npos ? std::nullopt : hex(end - at_);
        if (!code_point || *code_point > 0x10ffff)
            return refuse("\\u{} takes a code point");
        ++at_;
        return literal(*code_point);
    }
    auto code_point = hex(4);
    if (!code_point)
        return refuse("\\u takes four hexadecimal digits");
    if (*code_point >= 0xd800 && *code_point < 0xdc00 && skip("\\u")) {
        const auto low = hex(4);
        if (!low || *low < 0xdc00 || *low > 0xdfff)
            return refuse("half of a surrogate pair");
        code_point = 0x10000 + ((*code_point - 0xd800) << 10) + (*low - 0xdc00);
    }
    if (*code_point >= 0xd800 && *code_point <= 0xdfff)
        return refuse("half of a surrogate pair");
    literal(*code_point);
}

void translation::property(char p) {
    const std::size_t end = from_.find('}', at_);
    if (!skip("{") || end == std::string_view::npos)
        return refuse("\\p takes a property in braces");
    std::string_view name = from_.substr(at_, end - at_);
    const bool script = name.starts_with("Script=") || name.starts_with("sc=");
    for (const std::string_view prefix : {"General_Category=", "gc=", "Script=", "sc="}) {
        if (name.starts_with(prefix))
            name.remove_prefix(prefix.size());
    }
    for (const long_name& known : long_names) {
        if (known.name == name)
            name = known.category;
    }
    const bool category = categories.find(" " + std::string(name) + " ") != std::string_view::npos;
    if (script == category || name.find_first_of(" ^{") != std::string_view::npos)
        return refuse("unknown Unicode property");
    at_ = end + 1;
    out_ += '\\';
    out_ += p;
    out_ += '{';
    out_ += name;
    out_ += '}';
}

std::optional<std::uint32_t> translation::hex(std::size_t digits) {
    const std::string_view text = from_.substr(at_, digits);
    std::uint32_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.empty() || text.size() != digits || problem != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    at_ += digits;
    return value;
}

void translation::literal(std::uint32_t code_point) {
    char digits[8];
    char* const end = std::to_chars(digits, digits + sizeof digits, code_point, 16).ptr;
    out_ += "\\x{";
    out_.append(+digits, end);
    out_ += '}';
}

} // namespace

std::string to_re2(std::string_view ecma, std::string& problem) {
    translation of(ecma);
    std::string translated = of.run();
    problem = of.problem();
    return problem.empty() ? translated : std::string();
}

} // namespace millrace::event

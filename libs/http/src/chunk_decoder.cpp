#include "chunk_decoder.hpp"

#include "characters.hpp"
#include "faults.hpp"

#include <algorithm>

namespace millrace::http {
namespace {

constexpr std::size_t free_framing_a_chunk = 16; ///< beyond, it is padding and counts

} // namespace

std::optional<problem> chunk_decoder::next(std::string_view& in, std::string_view& data) {
    data = {};
    std::size_t at = 0;
    for (; at < in.size() && state_ != state::data && state_ != state::done; ++at) {
        state_ = after(in[at]);
        ++framing_;
        if (too_large_)
            return body_too_large(most_body_);
        if (state_ == state::bad)
            return malformed("The chunked coding of the body is broken. Send each chunk as its size in "
                             "hexadecimal, CRLF, its data, CRLF.");
        if (framing_ > most_framing_ + free_framing_a_chunk * chunks_)
            return headers_too_large(
                "The trailers, or the chunks' framing, are larger than headers may be. Send "
                "larger chunks and fewer trailers.");
    }
    in.remove_prefix(at);
    if (state_ == state::data) {
        data = in.substr(0, std::min<std::uint64_t>(size_, in.size()));
        in.remove_prefix(data.size());
        size_ -= data.size();
        if (size_ == 0)
            state_ = state::data_return;
    }
    return std::nullopt;
}

chunk_decoder::state chunk_decoder::after(char c) noexcept {
    switch (state_) {
    case state::first_digit:
        return after_digit(hex_digit(c));
    case state::digits:
        if (hex_digit(c) >= 0)
            return after_digit(hex_digit(c));
        [[fallthrough]];
    case state::blank: // "bad" white space, that may stand before an extension
        if (c == ';')
            return state::extension;
        if (c == ' ' || c == '\t')
            return state::blank;
        return c == '\r' && state_ == state::digits ? state::size_feed : state::bad;
    case state::extension:
    case state::extension_name:
    case state::extension_named:
    case state::extension_value:
    case state::extension_token:
    case state::extension_text:
    case state::extension_pair:
    case state::extension_end:
        return after_extension(c);
    case state::size_feed:
        if (c != '\n')
            return state::bad;
        ++chunks_;
        body_ += size_;
        return size_ == 0 ? state::line : state::data;
    case state::data_return:
        return c == '\r' ? state::data_feed : state::bad;
    case state::data_feed:
        return c == '\n' ? state::first_digit : state::bad;
    case state::line:
        if (c == '\r')
            return state::last_feed;
        return is_token_char(c) ? state::name : state::bad;
    case state::name:
        if (c == ':')
            return state::value;
        return is_token_char(c) ? state::name : state::bad;
    case state::value:
        if (c == '\r')
            return state::value_feed;
        return is_control(c) ? state::bad : state::value;
    case state::value_feed:
        return c == '\n' ? state::line : state::bad;
    case state::last_feed:
        return c == '\n' ? state::done : state::bad;
    case state::data:
    case state::done:
    case state::bad:
        break;
    }
    return state::bad;
}

/// RFC 9112, section 7.1.1: *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] ). Nobody needs
/// them, but where they end is where the chunk begins.
chunk_decoder::state chunk_decoder::after_extension(char c) noexcept {
    const bool blank = c == ' ' || c == '\t';
    const bool token = is_token_char(c);
    switch (state_) {
    case state::extension:
        return blank ? state::extension : token ? state::extension_name : state::bad;
    case state::extension_name:
        if (token)
            return state::extension_name;
        if (blank)
            return state::extension_named;
        return c == '=' ? state::extension_value : after_whole_extension(c);
    case state::extension_named:
        if (blank)
            return state::extension_named;
        if (c == '=')
            return state::extension_value;
        return c == ';' ? state::extension : state::bad;
    case state::extension_value:
        if (blank)
            return state::extension_value;
        if (c == '"')
            return state::extension_text;
        return token ? state::extension_token : state::bad;
    case state::extension_token:
        return token ? state::extension_token : after_whole_extension(c);
    case state::extension_text:
        if (c == '"')
            return state::extension_end;
        if (c == '\\')
            return state::extension_pair;
        return is_control(c) ? state::bad : state::extension_text;
    case state::extension_pair:
        return is_control(c) ? state::bad : state::extension_text;
    case state::extension_end:
        return after_whole_extension(c);
    default:
        return state::bad;
    }
}

chunk_decoder::state chunk_decoder::after_whole_extension(char c) noexcept {
    if (c == ';')
        return state::extension;
    if (c == ' ' || c == '\t')
        return state::blank;
    return c == '\r' ? state::size_feed : state::bad;
}

chunk_decoder::state chunk_decoder::after_digit(int digit) noexcept {
    if (digit < 0)
        return state::bad;
    size_ =
        size_ * 16 + static_cast<std::uint64_t>(digit); // cannot overflow: it ends as soon as it is too large
    too_large_ = size_ > most_body_ - body_;
    return state::digits;
}

} // namespace millrace::http

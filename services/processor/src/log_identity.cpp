#include "millrace/processor/log_identity.hpp"

#include "millrace/core/text.hpp"

#include <algorithm>
#include <utility>

namespace millrace::processor {
namespace {

constexpr std::string_view prefix = "seen=";

// FNV-1a: no cryptography is needed to tell one record from another.
constexpr std::uint64_t mix(std::uint64_t hash, std::optional<std::string_view> text) noexcept {
    constexpr std::uint64_t prime = 0x100000001b3U;
    hash = (hash ^ (text ? 1U : 0U)) * prime;
    for (const char c : text.value_or(std::string_view{}))
        hash = (hash ^ static_cast<unsigned char>(c)) * prime;
    return hash;
}

// Up to the next slash, or the end.
std::string_view take_part(std::string_view& text) noexcept {
    const std::string_view part = text.substr(0, text.find('/'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    return part;
}

} // namespace

std::uint64_t checksum(std::optional<std::string_view> key, std::optional<std::string_view> value) noexcept {
    constexpr std::uint64_t offset_basis = 0xcbf29ce484222325U;
    return mix(mix(offset_basis, key), value);
}

std::string to_metadata(const witness& w) {
    return std::string(prefix) + std::to_string(value(w.offset)) + '/' + std::to_string(w.timestamp.value) +
           '/' + std::to_string(w.checksum);
}

std::optional<witness> parse_witness(std::string_view metadata) noexcept {
    if (!metadata.starts_with(prefix))
        return std::nullopt;
    metadata.remove_prefix(prefix.size());
    const auto offset = parse_number<std::int64_t>(take_part(metadata));
    const auto timestamp = parse_number<std::int64_t>(take_part(metadata));
    const auto sum = parse_number<std::uint64_t>(metadata);
    if (!offset || *offset < 0 || !timestamp || !sum)
        return std::nullopt;
    return witness{record_offset{*offset}, unix_ms{*timestamp}, *sum};
}

void log_identity::show(const witness& fetched) noexcept {
    if (sworn_)
        next_ = fetched;
    else
        sworn_ = fetched;
    wants_ = false;
}

const std::optional<witness>& log_identity::ask() noexcept {
    heir_ = next_;
    return sworn_;
}

void log_identity::confirm() noexcept {
    if (heir_)
        sworn_ = std::exchange(heir_, std::nullopt);
    next_.reset();
    wants_ = true;
}

} // namespace millrace::processor

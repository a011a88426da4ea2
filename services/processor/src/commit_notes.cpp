// `done=1:BASE:RUNS`: the version of the encoding, the committed offset, and base64url of a checksum of four
// bytes and pairs of numbers (LEB128): how many offsets are not finished, how many after those are.
#include "millrace/processor/commit_notes.hpp"

#include "millrace/core/text.hpp"
#include "millrace/crypto/encoding.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace millrace::processor {
namespace {

constexpr std::string_view tail_name = "tail=";
constexpr std::string_view done_name = "done=1:";
constexpr std::size_t checksum_bytes = 4;

void append_number(std::string& to, std::uint64_t n) {
    for (; n >= 0x80; n >>= 7)
        to.push_back(static_cast<char>(n | 0x80));
    to.push_back(static_cast<char>(n));
}

std::optional<std::uint64_t> take_number(std::string_view& from) noexcept {
    std::uint64_t n = 0;
    for (unsigned shift = 0; shift < 63 && !from.empty(); shift += 7) {
        const auto octet = static_cast<unsigned char>(from.front());
        from.remove_prefix(1);
        n |= std::uint64_t{octet & 0x7fU} << shift;
        if (octet < 0x80)
            return n;
    }
    return std::nullopt;
}

std::string checksum_of(std::string_view base, std::string_view runs) {
    const std::uint64_t sum = checksum(base, runs);
    std::string bytes;
    for (unsigned i = 0; i < checksum_bytes; ++i)
        bytes.push_back(static_cast<char>(sum >> (8 * i)));
    return bytes;
}

/// Base64 makes four characters of three bytes.
constexpr std::size_t bytes_in(std::size_t characters) noexcept {
    return characters / 4 * 3;
}

std::string encode(const offset_runs& finished, record_offset committed, std::size_t max_characters) {
    const std::string base = std::to_string(value(committed));
    const std::size_t fixed = done_name.size() + base.size() + 1;
    if (finished.empty() || max_characters <= fixed)
        return {};
    const std::size_t room = bytes_in(max_characters - fixed);
    std::string runs;
    record_offset at = committed;
    for (const offset_run& r : finished) {
        std::string one;
        append_number(one, static_cast<std::uint64_t>(value(r.from) - value(at)));
        append_number(one, static_cast<std::uint64_t>(value(r.to) - value(r.from)));
        if (checksum_bytes + runs.size() + one.size() > room)
            break;
        runs += one;
        at = r.to;
    }
    if (runs.empty())
        return {};
    return std::string(done_name) + base + ':' + crypto::to_base64url(checksum_of(base, runs) + runs);
}

/// Nothing at all where a part is not as it was written.
offset_runs decode(std::string_view text, record_offset committed) {
    const std::string base = std::to_string(value(committed));
    if (!text.starts_with(base + ':'))
        return {};
    const auto bytes = crypto::from_base64url(text.substr(base.size() + 1));
    if (!bytes || bytes->size() < checksum_bytes)
        return {};
    std::string_view runs = std::string_view(*bytes).substr(checksum_bytes);
    if (checksum_of(base, runs) != std::string_view(*bytes).substr(0, checksum_bytes))
        return {};
    offset_runs finished;
    std::uint64_t at = static_cast<std::uint64_t>(value(committed));
    while (!runs.empty()) {
        const auto gap = take_number(runs);
        const auto length = take_number(runs);
        constexpr std::uint64_t most = INT64_MAX;
        if (!gap || !length || *length == 0 || *gap > most - at || *length > most - at - *gap)
            return {};
        const std::uint64_t from = at + *gap;
        at = from + *length;
        finished.push_back(
            {record_offset{static_cast<std::int64_t>(from)}, record_offset{static_cast<std::int64_t>(at)}});
    }
    return finished;
}

void append_part(std::string& to, const std::string& part, std::size_t max_bytes) {
    const std::size_t space = to.empty() ? 0 : 1;
    if (!part.empty() && to.size() + space + part.size() <= max_bytes)
        to.append(space, ' ').append(part);
}

} // namespace

bool contains(const offset_runs& runs, record_offset at) noexcept {
    const auto after = std::ranges::upper_bound(runs, at, {}, &offset_run::from);
    return after != runs.begin() && at < std::prev(after)->to;
}

std::string to_metadata(const commit_notes& notes, record_offset committed, std::size_t max_bytes) {
    std::string text;
    if (notes.seen)
        append_part(text, to_metadata(*notes.seen), max_bytes);
    if (notes.tail && *notes.tail < committed)
        append_part(text, std::string(tail_name) + std::to_string(value(*notes.tail)), max_bytes);
    const std::size_t taken = text.size() + 1;
    if (taken < max_bytes)
        append_part(text, encode(notes.finished, committed, max_bytes - taken), max_bytes);
    return text;
}

commit_notes parse_notes(std::string_view metadata, record_offset committed) {
    commit_notes notes;
    while (!metadata.empty()) {
        const std::string_view part = metadata.substr(0, metadata.find(' '));
        metadata.remove_prefix(std::min(metadata.size(), part.size() + 1));
        if (part.starts_with(tail_name)) {
            const auto tail = parse_number<std::int64_t>(part.substr(tail_name.size()));
            if (tail && *tail >= 0 && *tail < value(committed))
                notes.tail = record_offset{*tail};
        } else if (part.starts_with(done_name)) {
            notes.finished = decode(part.substr(done_name.size()), committed);
        } else if (const auto seen = parse_witness(part)) {
            notes.seen = seen;
        }
    }
    return notes;
}

} // namespace millrace::processor

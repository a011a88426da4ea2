#include "millrace/processor/event_hash.hpp"

namespace millrace::processor {
namespace {

// No text begins with it: a source that reads as an id has another hash.
constexpr std::uint64_t source_follows = UINT64_MAX;

} // namespace

hash128 event_hasher::of_id(std::string_view id) const noexcept {
    return keyed_hash(secret_).text(id).finish();
}

hash128 event_hasher::of_source(std::string_view source) const noexcept {
    return keyed_hash(secret_).word(source_follows).text(source).finish();
}

event_hash event_hasher::of(std::string_view source, std::string_view id) {
    if (source != last_source_) {
        last_source_.assign(source);
        last_hash_ = of_source(source);
    }
    return {of_id(id), last_hash_};
}

} // namespace millrace::processor

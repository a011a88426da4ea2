// gzip by zlib, whose header stays in this file.
#include "millrace/http/content_coding.hpp"

#include "millrace/core/text.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace millrace::http {
namespace {

constexpr std::size_t first_bytes = 16 * 1024;
constexpr std::size_t kept_bytes = 1024 * 1024; // of the largest body, between two requests
constexpr int gzip_only = 16;                   // zlib: window bits plus 16, no zlib or raw streams

} // namespace

std::optional<content_coding> content_coding_of(std::string_view value) noexcept {
    auto coding = content_coding::identity;
    while (!value.empty()) {
        const std::size_t comma = value.find(',');
        const std::string_view name = trim(value.substr(0, comma));
        value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
        if (name.empty() || iequals(name, "identity")) // empty elements: RFC 9110, section 5.6.1.2
            continue;
        if (coding != content_coding::identity || !(iequals(name, "gzip") || iequals(name, "x-gzip")))
            return std::nullopt;
        coding = content_coding::gzip;
    }
    return coding;
}

struct inflater::impl {
    impl() {
        if (inflateInit2(&stream, MAX_WBITS + gzip_only) != Z_OK)
            throw std::bad_alloc(); // the one way in which it fails, given a zlib of the right version
    }
    ~impl() { inflateEnd(&stream); }
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    z_stream stream{};
};

inflater::inflater() : impl_(std::make_unique<impl>()) {}
inflater::~inflater() = default;

boost::system::result<std::string_view, inflater::reason>
inflater::gunzip(std::string_view body, std::size_t max_bytes, std::string& into) {
    z_stream& stream = impl_->stream;
    if (body.size() > std::numeric_limits<uInt>::max())
        return reason::too_large;
    if (into.size() > kept_bytes)
        std::string().swap(into); // an assignment would keep the memory
    if (inflateReset(&stream) != Z_OK)
        return reason::malformed;
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(body.data())); // which zlib only reads
    stream.avail_in = static_cast<uInt>(body.size());

    // One byte beyond the bound tells a body that is too large from one that just fits.
    const std::size_t bound = max_bytes + (max_bytes < std::numeric_limits<std::size_t>::max() ? 1 : 0);
    std::size_t size = 0;
    for (;;) {
        if (size == into.size())
            into.resize(std::min(bound, std::max(first_bytes, into.size() * 2)));
        const std::size_t room =
            std::min({into.size(), bound, size + std::numeric_limits<uInt>::max()}) - size;
        stream.next_out = reinterpret_cast<Bytef*>(into.data() + size);
        stream.avail_out = static_cast<uInt>(room);
        const int state = inflate(&stream, Z_NO_FLUSH);
        size += room - stream.avail_out;
        if (size > max_bytes)
            return reason::too_large;
        if (state == Z_STREAM_END) {
            if (stream.avail_in == 0)
                return std::string_view(into.data(), size);
            if (inflateReset(&stream) != Z_OK) // what follows is another member, or else an error
                return reason::malformed;
        } else if (state != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
            return reason::malformed; // damaged, or more was to come
        }
    }
}

std::string_view detail_of(inflater::reason why) noexcept {
    return why == inflater::reason::too_large
               ? "The body is larger than accepted once its gzip coding is undone."
               : "The body is not gzip (RFC 1952), as Content-Encoding says, or is damaged or cut off.";
}

} // namespace millrace::http

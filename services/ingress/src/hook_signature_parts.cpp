#include "hook_signature_parts.hpp"

#include "millrace/core/text.hpp"
#include "millrace/crypto/digest.hpp"

#include <algorithm>

namespace millrace::ingress {

signature_fault unusable(std::string_view header, std::string_view why) {
    return {"The header " + std::string(header).append(" ").append(why).append(".")};
}

signature_fault missing_or_repeated(const http::request& delivery, std::string_view header) {
    const bool there =
        std::ranges::any_of(delivery.headers, [&](const field& h) { return iequals(h.name, header); });
    return unusable(header, there ? "is there more than once" : "is missing");
}

signature_fault mismatch() {
    return {"The signature is not of this body by a key of this hook."};
}

bool shared_secrets::signed_one(std::initializer_list<std::string_view> parts,
                                const std::vector<std::string>& signatures) const {
    return !signatures.empty() && std::ranges::any_of(keys_, [&](const crypto::hmac& key) {
        const std::string expected = key.sign(parts);
        return std::ranges::any_of(signatures, [&](const std::string& given) {
            return crypto::equal_in_constant_time(std::string_view(expected), std::string_view(given));
        });
    });
}

std::optional<signature_fault> time_window::fault_of(std::string_view text, std::string_view header,
                                                     unix_ms now) const {
    const auto then = parse_number<std::int64_t>(text);
    const std::int64_t now_s = now.value / 1'000;
    const std::string bound = std::to_string(tolerance_s_) + " s";
    if (!then)
        return unusable(header, "has no time in seconds since 1970");
    if (*then < now_s - tolerance_s_)
        return unusable(header, "says that the delivery was signed more than " + bound + " ago");
    if (*then > now_s + tolerance_s_)
        return unusable(header, "says that the delivery was signed more than " + bound + " from now");
    return std::nullopt;
}

} // namespace millrace::ingress

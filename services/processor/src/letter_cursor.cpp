#include "letter_cursor.hpp"

#include "millrace/core/text.hpp"
#include "millrace/crypto/encoding.hpp"

#include <utility>

namespace millrace::processor {
namespace {

// "events.dlq:0=17,3=4;orders.dlq:0=1" in base64url: short, and without characters that a query would change.
std::string_view take(std::string_view& rest, char end) {
    const auto at = rest.find(end);
    const std::string_view part = rest.substr(0, at);
    rest.remove_prefix(at == rest.npos ? rest.size() : at + 1);
    return part;
}

} // namespace

std::string to_text(const letter_cursor& c) {
    std::string plain;
    const std::string* topic = nullptr;
    for (const auto& [of, below] : c) {
        if (topic == nullptr || *topic != of.topic)
            plain.append(topic == nullptr ? "" : ";").append(of.topic).append(":");
        else
            plain += ',';
        topic = &of.topic;
        plain.append(std::to_string(value(of.partition))).append("=").append(std::to_string(value(below)));
    }
    return crypto::to_base64url(plain);
}

std::optional<letter_cursor> parse_cursor(std::string_view text) {
    const auto plain = crypto::from_base64url(text);
    if (!plain || plain->empty())
        return std::nullopt;
    letter_cursor c;
    for (std::string_view topics = *plain; !topics.empty();) {
        std::string_view rest = take(topics, ';');
        const std::string topic(take(rest, ':'));
        if (topic.empty() || rest.empty())
            return std::nullopt;
        while (!rest.empty()) {
            std::string_view below = take(rest, ',');
            const auto partition = parse_number<std::int32_t>(take(below, '='));
            const auto offset = parse_number<std::int64_t>(below);
            if (!partition || *partition < 0 || !offset || *offset < 0)
                return std::nullopt;
            c[{topic, partition_id{*partition}}] = record_offset{*offset};
        }
    }
    return c;
}

} // namespace millrace::processor

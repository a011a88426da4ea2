#include "spool_desk.hpp"

#include "millrace/core/text.hpp"
#include "millrace/http/standard_pages.hpp"
#include "on_loop.hpp"
#include "spool_delivery.hpp"

#include <utility>

namespace millrace::ingress {
namespace {

http::problem not_known(bool spools) {
    return {.status = 404,
            .code = "not_found",
            .title = "Not found",
            .detail = spools
                          ? "No event of this id is in the spool, or was in it lately (spool.max_receipts, "
                            "spool.receipt_seconds). Where the 202 had coordinates, its status_url leads to "
                            "the receipt."
                          : "This ingress has no spool (spool.path), so it keeps no receipts. The "
                            "status_url of a 202 leads to the processor's."};
}

/// One parameter of the query, decoded; says what is wrong with it, or nothing.
std::string_view read(std::string_view query, std::string_view name, std::optional<std::string>& value) {
    const auto raw = raw_query_parameter(query, name);
    if (!raw)
        return {};
    if (has_repeated_query_parameter(query, name))
        return "A query parameter is given more than once. Send one `id` and at most one `source`.";
    value = decode_query_value(*raw);
    if (!value || value->empty() || !is_utf8(*value))
        return "A query parameter is empty, or is not percent-encoded UTF-8.";
    return {};
}

} // namespace

void spool_desk::ask(http::exchange& from,
                     std::function<std::optional<http::problem>(std::string_view topic)> may_see) {
    std::optional<std::string> id;
    std::optional<std::string> source;
    for (const auto& [name, value] : {std::pair("id", &id), std::pair("source", &source)})
        if (const std::string_view wrong = read(from.request().query, name, *value); !wrong.empty())
            return http::respond(from, malformed_request(std::string(wrong)));
    if (!id)
        return http::respond(from, malformed_request("The query parameter `id` is missing."));
    if (spool_ == nullptr)
        return http::respond(from, not_known(false));
    const bool asked = spool_->find(
        std::move(*id), std::move(source),
        on_loop(loop_, [this, &from, may_see = std::move(may_see)](std::optional<spool_receipt> found) {
            if (!found)
                return http::respond(from, not_known(true));
            if (const auto refusal = may_see(found->topic)) // that there is one is not said either
                return http::respond(from, refusal->status == 403 ? not_known(true) : *refusal);
            tell(from, *found);
        }));
    if (!asked)
        http::respond(from, overloaded("Too many receipts are being asked for. Ask again later."));
}

void spool_desk::tell(http::exchange& to, const spool_receipt& found) const {
    kafka::delivery place = spooled_delivery(found.timestamp);
    if (found.stored)
        place = {
            .error = {}, .partition = found.partition, .offset = found.offset, .timestamp = found.timestamp};
    const outcome known{.id = found.id, .source = found.source, .delivery = &place};
    http::respond_json(to, receipts_.located(found.topic, known));
}

} // namespace millrace::ingress

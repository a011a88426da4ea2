// From a submission to its events. Top to bottom: the forms, one event of each, what they share.
#include "millrace/event/decoder.hpp"

#include "event_builder.hpp"
#include "fault_report.hpp"
#include "form.hpp"
#include "http_binding.hpp"
#include "json_format.hpp"
#include "json_slices.hpp"
#include "media_type.hpp"
#include "millrace/core/text.hpp"
#include "millrace/event/idempotency_key.hpp"
#include "millrace/event/json.hpp"
#include "text_arena.hpp"

#include <charconv>

namespace millrace::event {
namespace {

std::string not_json(std::string_view what, const json_error& why) {
    return std::string(what) + " is not acceptable JSON. " + why.detail;
}

} // namespace

struct decoder::impl {
    explicit impl(decode_limits given)
        : limits(given),
          data_check(given.max_json_depth),
          envelope_check(given.max_json_depth + 1),
          batch_check(given.max_json_depth + 2),
          builder(faults) {}

    boost::system::result<decoded, fault> decode(const submission& from);
    bool take_parameters(const submission& from);

    void decode_plain(const submission& from);
    void decode_lines(const submission& from);
    void decode_binary(const submission& from);
    void decode_structured(const submission& from);
    void decode_structured_batch(const submission& from);

    void add_plain(const submission& from, std::optional<std::size_t> index, std::string_view content_type,
                   std::string_view data);
    void add_structured(const submission& from, std::optional<std::size_t> index, std::string_view object);
    std::string_view id_for(const submission& from, std::optional<std::size_t> index);
    void check_data(std::string_view pointer, bool is_json);
    bool has_room();

    decode_limits limits;
    uuid7_generator ids;
    json_checker data_check;
    json_checker envelope_check; // the envelope around data does not count towards its depth,
    json_checker batch_check;    // and the array around envelopes neither
    text_arena arena;
    fault_report faults;
    event_builder builder;
    std::string idempotency_scratch;
    std::string_view idempotency_key;
};

boost::system::result<decoded, fault> decoder::impl::decode(const submission& from) {
    arena.clear();
    faults.clear();
    builder.clear();
    const auto which = form_of(from.content_type, from.headers);
    if (!which) {
        if (from.content_type.empty() && from.body.empty())
            return fault{
                fault_code::malformed_request, "The request has no body: there is no event in it.", {}};
        return fault{fault_code::unsupported_media_type, problem_of_form(from.content_type), {}};
    }
    if (!take_parameters(from))
        return faults.take();

    switch (*which) {
    case form::plain:
        decode_plain(from);
        break;
    case form::lines:
        decode_lines(from);
        break;
    case form::binary:
        decode_binary(from);
        break;
    case form::structured:
        decode_structured(from);
        break;
    case form::structured_batch:
        decode_structured_batch(from);
        break;
    }
    if (faults.count() != 0)
        return faults.take();
    return decoded{builder.events(), *which == form::lines || *which == form::structured_batch};
}

// What else of the request has a say in events.
bool decoder::impl::take_parameters(const submission& from) {
    idempotency_key = {};
    if (from.idempotency_key) {
        const auto key = idempotency_key_of(*from.idempotency_key, idempotency_scratch);
        if (!key) {
            faults.refuse_all(fault_code::malformed_request,
                              "Idempotency-Key must be a non-empty string, such as \"8e03978e-40d5-43e8\".");
            return false;
        }
        idempotency_key = *key;
    }
    // As a partitionkey must not be empty either: events meant to be ordered would silently not be.
    if (from.key && from.key->empty()) {
        faults.refuse_all(fault_code::malformed_request, "The key in the query must not be empty.");
        return false;
    }
    // It would be a string in any other form of the event, and is one wherever it is shown.
    if (from.key && !is_utf8(*from.key)) {
        faults.refuse_all(fault_code::malformed_request, "The key in the query is not valid UTF-8.");
        return false;
    }
    return true;
}

void decoder::impl::decode_plain(const submission& from) {
    add_plain(from, std::nullopt, from.content_type, from.body);
}

void decoder::impl::decode_lines(const submission& from) {
    std::size_t index = 0;
    for (std::string_view rest = from.body; !rest.empty();) {
        const std::size_t feed = rest.find('\n');
        std::string_view line = rest.substr(0, feed);
        rest.remove_prefix(feed == std::string_view::npos ? rest.size() : feed + 1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (trim_json(line).empty())
            continue;
        if (!has_room())
            return;
        add_plain(from, index++, "application/json", line);
    }
}

void decoder::impl::decode_binary(const submission& from) {
    event& e = builder.begin(std::nullopt);
    builder.set_content_type(from.content_type);
    read_ce_headers(from.headers, builder, arena);
    builder.finish_cloud_event();
    e.data = from.body;
    if (!e.key)
        e.key = from.key;
    const auto type = parse_media_type(e.content_type);
    check_data("data", type && type->is_json() && !e.data.empty()); // no body: an event without data
}

void decoder::impl::decode_structured(const submission& from) {
    if (!envelope_check.check(from.body))
        return faults.add(fault_code::malformed_event, {}, {},
                          not_json("The CloudEvent", envelope_check.error()));
    add_structured(from, std::nullopt, trim_json(from.body));
}

void decoder::impl::decode_structured_batch(const submission& from) {
    if (!batch_check.check(from.body))
        return faults.refuse_all(fault_code::malformed_request, not_json("The batch", batch_check.error()));
    const std::string_view array = trim_json(from.body);
    if (!array.starts_with('['))
        return faults.refuse_all(fault_code::malformed_request, "A batch is a JSON array of CloudEvents.");
    std::size_t index = 0;
    json_items elements(array);
    for (std::string_view object; elements.next_element(object);) {
        if (!has_room())
            return;
        add_structured(from, index++, object);
    }
}

void decoder::impl::add_plain(const submission& from, std::optional<std::size_t> index,
                              std::string_view content_type, std::string_view data) {
    event& e = builder.begin(index);
    e.id = id_for(from, index);
    e.id_from_client = !idempotency_key.empty();
    e.source = from.defaults.source;
    e.type = from.defaults.type;
    e.content_type = content_type;
    e.data = data;
    e.key = from.key;
    check_data({}, true);
}

void decoder::impl::add_structured(const submission& from, std::optional<std::size_t> index,
                                   std::string_view object) {
    event& e = builder.begin(index);
    const bool as_base64 = read_json_format(object, builder, arena);
    if (!e.key)
        e.key = from.key;
    const auto type = parse_media_type(e.content_type);
    check_data(as_base64 ? "data_base64" : "data", as_base64 && type && type->is_json());
}

std::string_view decoder::impl::id_for(const submission& from, std::optional<std::size_t> index) {
    if (idempotency_key.empty()) {
        const auto id = ids.next(from.received);
        return arena.copy({id.data(), id.size()});
    }
    if (!index)
        return idempotency_key;
    char suffix[24] = {'/'};
    const char* const end = std::to_chars(suffix + 1, suffix + sizeof suffix, *index).ptr;
    return arena.join(idempotency_key, {suffix, static_cast<std::size_t>(end - suffix)});
}

void decoder::impl::check_data(std::string_view pointer, bool is_json) {
    const std::string_view data = builder.current().data;
    if (data.size() > limits.max_event_bytes)
        builder.refuse(fault_code::too_large, pointer,
                       "The event's data has " + std::to_string(data.size()) + " bytes; at most " +
                           std::to_string(limits.max_event_bytes) + " are accepted.");
    else if (is_json && !data_check.check(data))
        builder.refuse(pointer, not_json("The event's data", data_check.error()));
}

// Says so, once, when one more event would be one too many.
bool decoder::impl::has_room() {
    if (builder.size() < limits.max_batch_events)
        return true;
    faults.refuse_all(fault_code::too_large, "The batch has more than " +
                                                 std::to_string(limits.max_batch_events) +
                                                 " events; send it in parts.");
    return false;
}

decoder::decoder(decode_limits limits) : impl_(std::make_unique<impl>(limits)) {}
decoder::~decoder() = default;

boost::system::result<decoded, fault> decoder::decode(const submission& from) {
    return impl_->decode(from);
}

} // namespace millrace::event

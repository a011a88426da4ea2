// The CloudEvents Kafka binding 1.0.2: headers for a record, and the event in one that was read.
#include "millrace/event/record.hpp"

#include "event_builder.hpp"
#include "fault_report.hpp"
#include "json_format.hpp"
#include "json_slices.hpp"
#include "media_type.hpp"
#include "millrace/core/text.hpp"
#include "millrace/event/json.hpp"
#include "text_arena.hpp"

#include <algorithm>

namespace millrace::event {
namespace {

// What others published is measured by no limit of ours; this one keeps the parser's stack bounded.
constexpr std::size_t max_json_depth = 512;

// Section 3 leaves open when a record claims to be a CloudEvent. A header of any required attribute is a
// claim: no other software has reason to write it.
bool is_claim(const field& header) noexcept {
    return header.name == "ce_specversion" || header.name == "ce_id" || header.name == "ce_source" ||
           header.name == "ce_type";
}

} // namespace

void append_headers(const event& e, const trace_context& trace, std::vector<field>& to) {
    if (!e.content_type.empty())
        to.push_back({"content-type", e.content_type});
    to.push_back({"ce_specversion", "1.0"});
    to.push_back({"ce_id", e.id});
    to.push_back({"ce_source", e.source});
    to.push_back({"ce_type", e.type});
    for (const attribute& a : e.attributes)
        to.push_back({a.header, a.value});
    if (!trace.traceparent.empty())
        to.push_back({"traceparent", trace.traceparent});
    if (!trace.tracestate.empty())
        to.push_back({"tracestate", trace.tracestate});
}

struct record_reader::impl {
    void read_binary(const stored_record& record, std::string_view content_type);
    void read_structured(const stored_record& record);

    json_checker envelope_check{max_json_depth};
    text_arena arena;
    fault_report faults;
    event_builder builder{faults};
};

void record_reader::impl::read_binary(const stored_record& record, std::string_view content_type) {
    event& e = builder.begin(std::nullopt);
    e.data = record.value;
    if (std::ranges::none_of(record.headers, is_claim)) {
        e.content_type = content_type;
        return;
    }
    builder.set_content_type(content_type);
    for (const field& header : record.headers) {
        if (!header.name.starts_with("ce_"))
            continue;
        if (header.name == "ce_datacontenttype")
            builder.refuse("datacontenttype",
                           "In binary mode the datacontenttype is the header content-type.");
        else if (header.value.data() == nullptr)
            builder.set_null(header.name.substr(3));
        else
            builder.set(header.name, header.value);
    }
    builder.finish_cloud_event();
}

void record_reader::impl::read_structured(const stored_record& record) {
    builder.begin(std::nullopt);
    if (envelope_check.check(record.value))
        read_json_format(trim_json(record.value), builder, arena);
    else
        builder.refuse({}, "The CloudEvent is not acceptable JSON. " + envelope_check.error().detail);
}

record_reader::record_reader() : impl_(std::make_unique<impl>()) {}
record_reader::~record_reader() = default;

boost::system::result<event, fault> record_reader::read(const stored_record& record) {
    impl& self = *impl_;
    self.arena.clear();
    self.faults.clear();
    self.builder.clear();

    const auto header =
        std::ranges::find_if(record.headers, [](const field& h) { return iequals(h.name, "content-type"); });
    const std::string_view content_type = header == record.headers.end() ? std::string_view{} : header->value;
    const auto type = parse_media_type(content_type);
    if (!type || !type->is_cloud_events()) {
        self.read_binary(record, content_type);
    } else if (iequals(type->subtype, "cloudevents+json")) {
        self.read_structured(record);
    } else {
        self.faults.add(
            fault_code::malformed_event, {}, {},
            "A record holds one CloudEvent, in the JSON format or in binary mode; not a batch, and not "
            "another format.");
    }
    if (self.faults.count() != 0)
        return self.faults.take();

    event e = self.builder.events().front();
    if (record.key)
        e.key = record.key;
    return e;
}

} // namespace millrace::event

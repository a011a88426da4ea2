// Receipts, in the words of the contract's section 2.2.
#include "answers.hpp"
#include "millrace/core/text.hpp"
#include "spool_delivery.hpp"

#include <utility>

namespace millrace::ingress {
namespace {

std::string_view state_of(const kafka::delivery& d) {
    if (!d.error)
        return is_spooled(d) ? "spooled" : "stored";
    return d.error == condition::outcome_unknown ? "unknown" : "not_stored";
}

void append_state(std::string& to, const kafka::delivery& d) {
    to += R"("state":")";
    to += state_of(d);
    to += '"';
}

} // namespace

receipt_writer::receipt_writer(std::string processor_url, std::string spool_url)
    : base_(std::move(processor_url)), spool_base_(std::move(spool_url)) {
    for (std::string* base : {&base_, &spool_base_})
        while (base->ends_with('/'))
            base->pop_back();
}

void receipt_writer::append_spool_url(std::string& to, const outcome& of) const {
    to += spool_base_;
    to += "/v1/events?id=";
    append_percent_encoded(to, of.id);
    to += "&source=";
    append_percent_encoded(to, of.source);
}

void receipt_writer::append_status_url(std::string& to, std::string_view topic, const outcome& of) const {
    if (is_spooled(*of.delivery))
        return append_spool_url(to, of);
    if (base_.empty())
        return;
    to += base_;
    to += "/v1/events/";
    to += topic;
    to += '/';
    append_number(to, value(of.delivery->partition));
    to += '/';
    append_number(to, value(of.delivery->offset));
    to += "?id=";
    append_percent_encoded(to, of.id);
}

void receipt_writer::append_members(std::string& to, std::string_view topic, const outcome& of) const {
    to += R"("id":)";
    append_json_string(to, of.id);
    to += R"(,"source":)";
    append_json_string(to, of.source);
    to += R"(,"topic":")";
    to += topic;
    to += '"';
    if (of.delivery->error)
        return;
    const bool spooled = is_spooled(*of.delivery);
    if (spooled) {
        to += R"(,"partition":null,"offset":null)";
    } else {
        to += R"(,"partition":)";
        append_number(to, value(of.delivery->partition));
        to += R"(,"offset":)";
        append_number(to, value(of.delivery->offset));
    }
    to += R"(,"timestamp":")";
    append_rfc3339(to, of.delivery->timestamp);
    to += R"(","status_url":)";
    if (base_.empty() && !spooled) {
        to += "null";
        return;
    }
    to += '"';
    append_status_url(to, topic, of);
    to += '"';
}

// That an event is stored goes without saying: 202 means it.
void receipt_writer::append_receipt(std::string& to, std::string_view topic, const outcome& of) const {
    to += '{';
    if (is_spooled(*of.delivery)) {
        append_state(to, *of.delivery);
        to += ',';
    }
    append_members(to, topic, of);
    to += '}';
}

std::string receipt_writer::located(std::string_view topic, const outcome& of) const {
    std::string text = "{";
    append_state(text, *of.delivery);
    text += ',';
    append_members(text, topic, of);
    text += "}\n";
    return text;
}

void receipt_writer::single(std::string& to, std::string_view topic, const outcome& of) const {
    append_receipt(to, topic, of);
    to += '\n';
}

void receipt_writer::batch(std::string& to, std::string_view topic, std::span<const outcome> of) const {
    to += R"({"accepted":)";
    append_number(to, of.size());
    to += R"(,"events":[)";
    for (std::size_t i = 0; i < of.size(); ++i) {
        if (i > 0)
            to += ',';
        append_receipt(to, topic, of[i]);
    }
    to += "]}\n";
}

std::string receipt_writer::states(std::string_view topic, std::span<const outcome> of) const {
    std::string text = "[";
    for (std::size_t i = 0; i < of.size(); ++i) {
        text += i == 0 ? "{" : ",{";
        append_state(text, *of[i].delivery);
        text += ',';
        append_members(text, topic, of[i]);
        text += '}';
    }
    text += ']';
    return text;
}

} // namespace millrace::ingress

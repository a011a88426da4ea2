#include "millrace/http/problem.hpp"

#include "millrace/core/text.hpp"

#include <algorithm>

namespace millrace::http {
namespace {

/// A detail may quote what a client sent; octets that JSON cannot carry become question marks.
void append_text(std::string& to, std::string_view text) {
    if (is_utf8(text))
        return append_json_string(to, text);
    std::string ascii(text);
    std::replace_if(
        ascii.begin(), ascii.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    append_json_string(to, ascii);
}

void append_member(std::string& to, std::string_view name, std::string_view text) {
    to.append(",\"").append(name).append("\":");
    append_text(to, text);
}

void append_error(std::string& to, const problem::error& e) {
    to += '{';
    if (e.index)
        to.append("\"index\":").append(std::to_string(*e.index)).append(",");
    to += "\"pointer\":";
    append_text(to, e.pointer);
    append_member(to, "detail", e.detail);
    to += '}';
}

} // namespace

std::string to_json(const problem& p) {
    std::string json = "{\"type\":\"urn:problem-type:millrace:";
    json.append(p.code).append("\"");
    append_member(json, "title", p.title);
    json.append(",\"status\":").append(std::to_string(p.status));
    append_member(json, "detail", p.detail);
    append_member(json, "code", p.code);
    json += p.retryable ? ",\"retryable\":true" : ",\"retryable\":false";
    if (!p.errors.empty()) {
        json += ",\"errors\":[";
        for (const problem::error& e : p.errors) {
            append_error(json, e);
            json += ',';
        }
        json.back() = ']';
    }
    if (!p.events_json.empty())
        json.append(",\"events\":").append(p.events_json);
    json += "}\n"; // for people in a terminal
    return json;
}

void respond(exchange& to, const problem& p) {
    const std::string body = to_json(p);
    const std::string retry_after = std::to_string(p.retry_after_s);
    std::vector<field> headers;
    headers.reserve(p.headers.size() + 1);
    for (const auto& [name, value] : p.headers)
        headers.push_back({name, value});
    if (p.retry_after_s != 0)
        headers.push_back({"Retry-After", retry_after});
    to.notes().problem = p.code;
    to.respond({p.status, "application/problem+json", body, headers, p.close});
}

} // namespace millrace::http

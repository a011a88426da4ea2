#include "jwt_json.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace millrace::ingress {

std::optional<nlohmann::json> parse_object(std::string_view text) {
    using nlohmann::json;
    std::vector<std::set<std::string>> names; // of the objects that are open
    bool repeated = false;
    const auto look = [&](int, json::parse_event_t event, json& value) {
        if (event == json::parse_event_t::object_start)
            names.emplace_back();
        else if (event == json::parse_event_t::object_end)
            names.pop_back();
        else if (event == json::parse_event_t::key)
            repeated |= !names.back().insert(value.get<std::string>()).second;
        return true;
    };
    json parsed = json::parse(text, look, /*allow_exceptions*/ false);
    if (repeated || !parsed.is_object()) // what does not parse is of the type `discarded`
        return std::nullopt;
    return std::optional<json>(std::in_place, std::move(parsed));
}

const nlohmann::json* member(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

const std::string* text_member(const nlohmann::json& object, const char* name) {
    const nlohmann::json* found = member(object, name);
    return found == nullptr ? nullptr : found->get_ptr<const std::string*>();
}

} // namespace millrace::ingress

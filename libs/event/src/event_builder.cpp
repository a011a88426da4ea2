#include "event_builder.hpp"

#include "attribute_rules.hpp"

#include <algorithm>
#include <array>

namespace millrace::event {
namespace {

// The attributes that `event` has members for; the first four are required.
constexpr std::array<std::string_view, 5> known_names{"specversion", "id", "source", "type",
                                                      "datacontenttype"};
constexpr std::size_t required_names = 4;
enum known_name : std::size_t { specversion, id, source, type, datacontenttype, extension }; // in that order
static_assert(known_names.size() == extension && required_names == datacontenttype);

std::size_t known_place(std::string_view name) noexcept {
    return static_cast<std::size_t>(std::ranges::find(known_names, name) - known_names.begin());
}

constexpr std::size_t kept_attributes = 20'000;

} // namespace

void event_builder::clear() noexcept {
    if (attributes_.capacity() > kept_attributes) // one odd event may have had very many
        attributes_ = {};
    events_.clear();
    attributes_.clear();
    first_attributes_.clear();
}

event& event_builder::begin(std::optional<std::size_t> index) {
    index_ = index;
    seen_ = 0;
    names_.clear();
    first_attributes_.push_back(attributes_.size());
    return events_.emplace_back();
}

// Extensions are compared in finish_cloud_event(), all at once, so that many of them do not cost their
// square.
bool event_builder::mark_seen(std::string_view name, std::size_t known) {
    if (known == extension) {
        names_.push_back(name);
        return true;
    }
    const unsigned bit = 1U << known;
    if ((seen_ & bit) != 0) {
        refuse(name, "The attribute is given twice.");
        return false;
    }
    seen_ |= bit;
    return true;
}

void event_builder::set(std::string_view header, std::string_view value) {
    const std::string_view name = header.substr(3);
    const std::size_t known = known_place(name);
    if (!mark_seen(name, known))
        return;
    std::string_view problem = known == extension ? problem_of_name(name) : std::string_view{};
    if (problem.empty())
        problem = problem_of_value(name, value);
    if (!problem.empty())
        return refuse(name, problem);

    event& e = current();
    switch (known) {
    case specversion:
        break;
    case id:
        e.id = value;
        break;
    case source:
        e.source = value;
        break;
    case type:
        e.type = value;
        break;
    case datacontenttype:
        e.content_type = value;
        break;
    default:
        attributes_.push_back({header, value});
        if (name == "partitionkey")
            e.key = value;
    }
}

void event_builder::set_null(std::string_view name) {
    const std::size_t known = known_place(name);
    if (!mark_seen(name, known))
        return;
    if (const std::string_view problem = problem_of_name(name); !problem.empty())
        refuse(name, problem);
    else if (known < required_names)
        refuse(name, "The attribute is required and must not be null.");
}

void event_builder::set_refused(std::string_view name, std::string_view detail) {
    if (!mark_seen(name, known_place(name)))
        return;
    const std::string_view problem = problem_of_name(name);
    refuse(name, problem.empty() ? detail : problem);
}

void event_builder::set_content_type(std::string_view value) {
    if (!value.empty())
        set("ce_datacontenttype", value);
}

void event_builder::finish_cloud_event() {
    for (std::size_t i = 0; i < required_names; ++i) {
        if ((seen_ & 1U << i) == 0)
            refuse(known_names[i], "The attribute is required.");
    }
    if (names_.size() > 1) {
        std::ranges::sort(names_);
        for (auto twin = std::ranges::adjacent_find(names_); twin != names_.end();
             twin = std::adjacent_find(twin + 1, names_.end()))
            refuse(*twin, "The attribute is given twice.");
    }
    current().cloud_event = true;
    current().id_from_client = true;
}

void event_builder::refuse(std::string_view name, std::string_view detail) {
    refuse(fault_code::malformed_event, name, detail);
}

void event_builder::refuse(fault_code code, std::string_view name, std::string_view detail) {
    faults_.add(code, index_, name.empty() ? std::string() : pointer_to(name), detail);
}

std::span<const event> event_builder::events() noexcept {
    std::size_t end = attributes_.size();
    for (std::size_t i = events_.size(); i-- > 0; end = first_attributes_[i])
        events_[i].attributes =
            std::span(attributes_).subspan(first_attributes_[i], end - first_attributes_[i]);
    return events_;
}

} // namespace millrace::event

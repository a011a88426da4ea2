// Puts events together from attributes, whatever form they came in, by the rules of CloudEvents 1.0.2. What
// is wrong goes to the fault report, with the index of the event.
#pragma once

#include "fault_report.hpp"
#include "millrace/event/event.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::event {

/// Keeps its memory from clear() to clear(). Views are kept as given.
class event_builder {
  public:
    explicit event_builder(fault_report& faults) : faults_(faults) {}

    void clear() noexcept;

    /// The next event. `index`: how faults name it; none outside of batches.
    event& begin(std::optional<std::size_t> index);
    event& current() noexcept { return events_.back(); }

    /// A CloudEvents attribute in canonical string form. `header` is "ce_" and the name.
    void set(std::string_view header, std::string_view value);
    /// The attribute is there, but says that it is not set.
    void set_null(std::string_view name);
    /// The attribute is there, with a value that the caller refuses.
    void set_refused(std::string_view name, std::string_view detail);
    void set_content_type(std::string_view value);
    /// After the last attribute: refuses what is missing or was given twice.
    void finish_cloud_event();

    void refuse(std::string_view name, std::string_view detail);
    void refuse(fault_code code, std::string_view name, std::string_view detail);

    std::size_t size() const noexcept { return events_.size(); }
    /// All of them, once no more are to come.
    std::span<const event> events() noexcept;

  private:
    bool mark_seen(std::string_view name, std::size_t known);

    fault_report& faults_;
    std::vector<event> events_;
    std::vector<attribute> attributes_;         // of all events, in order
    std::vector<std::size_t> first_attributes_; // of each event
    std::vector<std::string_view> names_;       // of the extensions of the current event
    std::optional<std::size_t> index_;
    unsigned seen_ = 0; // bits, by position in `known_names`
};

} // namespace millrace::event

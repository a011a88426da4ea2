// How an evaluation says where a value does not match; for its own source files.
#pragma once

#include "schema_evaluation.hpp"

#include <algorithm>
#include <utility>

namespace millrace::event {

constexpr std::size_t max_pointer_bytes = 512;

/// Where that would be longer than a client wants to read, the whole event is to blame.
template <class Place>
std::string pointer_of(const Place& at) {
    std::vector<const Place*> steps;
    for (const Place* step = &at; step->outer != nullptr; step = step->outer)
        steps.push_back(step);
    std::string pointer;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        const Place& here = **step;
        if (here.is_member && here.name.size() > max_pointer_bytes)
            return {};
        append_to_pointer(pointer, here.is_member ? here.name : std::string_view(std::to_string(here.index)));
        if (pointer.size() > max_pointer_bytes)
            return {};
    }
    return pointer;
}

template <class Say>
bool schema_evaluation::fail(const place& at, Say&& say) {
    if (reporting_ == reporting::on && !exhausted_ && found_.size() < most_)
        found_.push_back({pointer_of(at), std::string(std::forward<Say>(say)())});
    return false;
}

} // namespace millrace::event

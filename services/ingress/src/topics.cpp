#include "topics.hpp"

#include <stdexcept>

namespace millrace::ingress {

topics::topics(const settings::file& from) {
    for (const auto& [name, wanted] : from.topics) {
        topic& added = all_.emplace_back();
        added.name = name;
        added.source = wanted.source;
        added.type = wanted.type;
        added.wanted = wanted;
    }
    default_ = find(from.ingress.default_topic);
    if (default_ == nullptr)
        throw std::runtime_error("ingress.default_topic is '" + from.ingress.default_topic +
                                 "', for which there is no section [topics." + from.ingress.default_topic +
                                 "]");
}

const topic* topics::find(std::string_view name) const noexcept {
    for (const topic& candidate : all_)
        if (candidate.name == name)
            return &candidate;
    return nullptr;
}

} // namespace millrace::ingress

// The pipeline's memory of where the most recent events of an id lie.
#include "pipeline.hpp"

namespace millrace::processor {

// Where the partition's receipts do not reach back that far any more, whoever asked looks at the record.
std::optional<coordinates> pipeline::find_recent(std::string_view id,
                                                 const std::optional<std::string>& source) const {
    std::optional<coordinates> found;
    std::optional<std::string> twin_of; // the source of a duplicate: what it is a duplicate of says more
    std::optional<hash128> of_source;
    if (source)
        of_source = hasher_.of_source(*source);
    recent_.find(hasher_.of_id(id), of_source, [&](const recent_ids::place& at) {
        const partition& p = *partitions_.all()[at.partition];
        if (!p.owned() || p.term() != at.term)
            return false; // given up since: others know what became of it
        const auto known = p.receipts->find(at.offset);
        if (known && (known->id != id || (source && known->source != *source)))
            return false;
        if (twin_of && (!known || known->source != *twin_of))
            return false;
        const bool duplicate = known && known->state == event_state::duplicate;
        if (!found || !duplicate)
            found = {p.name().topic, p.name().partition, at.offset};
        if (duplicate)
            twin_of = known->source;
        return !duplicate;
    });
    return found;
}

} // namespace millrace::processor

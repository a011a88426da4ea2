// Counts events by type and source, as /status shows. A bounded number of each is told apart, the rest is
// "other".
#include "handlers.hpp"
#include "millrace/processor/name_table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace millrace::processor {
namespace {

constexpr std::size_t max_names = 1'000;
constexpr std::size_t max_pairs = 10'000;
constexpr std::size_t pairs_shown = 100;

class count_handler final : public handler {
  public:
    std::string_view name() const noexcept override { return "count"; }

    void handle(const delivery& d, completion c) override {
        ++*counter_of(types_.find_or_add(d.event->type), sources_.find_or_add(d.event->source));
        c.done();
    }

    std::string status_json() const override {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> counts(counts_.begin(), counts_.end());
        std::ranges::sort(counts, std::ranges::greater{}, [](const auto& c) { return c.second; });
        counts.resize(std::min(counts.size(), pairs_shown));
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (const auto& [pair, count] : counts)
            list.push_back({{"type", types_.name(static_cast<name_table::index>(pair >> 32))},
                            {"source", sources_.name(static_cast<name_table::index>(pair))},
                            {"count", count}});
        return nlohmann::ordered_json({{"counts", std::move(list)}})
            .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    }

  private:
    std::uint64_t* counter_of(name_table::index type, name_table::index source) {
        std::uint64_t pair = (std::uint64_t{type} << 32) | source;
        if (last_ != nullptr && pair == last_pair_)
            return last_;
        if (counts_.size() >= max_pairs && !counts_.contains(pair))
            pair = 0; // other, other
        last_pair_ = pair;
        return last_ = &counts_[pair]; // a map's nodes do not move
    }

    name_table types_{max_names};
    name_table sources_{max_names};
    std::unordered_map<std::uint64_t, std::uint64_t> counts_;
    std::uint64_t last_pair_ = 0;
    std::uint64_t* last_ = nullptr;
};

} // namespace

std::unique_ptr<handler> make_count_handler() {
    return std::make_unique<count_handler>();
}

} // namespace millrace::processor

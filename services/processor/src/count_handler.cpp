// Counts events by type and source, since the start and by the minute, as /status shows. A bounded number of
// each is told apart, the rest is "other": 10,000 pairs take 3 MB.
#include "handlers.hpp"
#include "millrace/processor/minute_counts.hpp"
#include "millrace/processor/name_table.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace millrace::processor {
namespace {

constexpr std::size_t max_names = 1'000;
constexpr std::size_t max_pairs = 10'000;
constexpr std::size_t pairs_shown = 100;
constexpr std::size_t pairs_shown_by_minute = 20; // 60 numbers each, in every answer of /status
constexpr milliseconds longest_wait{10'000};      // so that a clock that is set is noticed

class count_handler final : public handler {
  public:
    explicit count_handler(boost::asio::io_context& loop) : counts_(system_now()), timer_(loop) { wait(); }

    std::string_view name() const noexcept override { return "count"; }

    void handle(const delivery& d, completion c) override {
        ++*counter_of(types_.find_or_add(d.event->type), sources_.find_or_add(d.event->source));
        c.done();
    }

    std::string status_json() const override {
        std::vector<std::pair<std::uint64_t, minute_counts::index>> pairs(pairs_.begin(), pairs_.end());
        std::ranges::sort(pairs, std::ranges::greater{},
                          [&](const auto& p) { return counts_.count(p.second); });
        pairs.resize(std::min(pairs.size(), pairs_shown));
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (const auto& [pair, at] : pairs) {
            nlohmann::ordered_json one{{"type", types_.name(static_cast<name_table::index>(pair >> 32))},
                                       {"source", sources_.name(static_cast<name_table::index>(pair))},
                                       {"count", counts_.count(at)}};
            if (list.size() < pairs_shown_by_minute)
                one["per_minute"] = counts_.per_minute(at);
            list.push_back(std::move(one));
        }
        return nlohmann::ordered_json(
                   {{"counts", std::move(list)}, {"minute_since", to_rfc3339(counts_.running_since())}})
            .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    }

  private:
    std::uint64_t* counter_of(name_table::index type, name_table::index source) {
        std::uint64_t pair = (std::uint64_t{type} << 32) | source;
        if (last_ != nullptr && pair == last_pair_)
            return last_;
        auto known = pairs_.find(pair);
        if (known == pairs_.end() && pairs_.size() >= max_pairs)
            known = pairs_.find(pair = 0); // other, other
        if (known == pairs_.end())
            known = pairs_.emplace(pair, counts_.add()).first;
        last_pair_ = pair;
        return last_ = &counts_.count(known->second);
    }

    // An event costs no look at the clock: the window is ended from here.
    void wait() {
        timer_.expires_after(std::min(counts_.left(system_now()), longest_wait));
        timer_.async_wait([this, lives = std::weak_ptr(lives_)](const boost::system::error_code& cancelled) {
            if (cancelled || lives.expired()) // a timer that was due already is not cancelled
                return;
            counts_.turn(system_now());
            wait();
        });
    }

    name_table types_{max_names};
    name_table sources_{max_names};
    std::unordered_map<std::uint64_t, minute_counts::index> pairs_;
    minute_counts counts_;
    std::uint64_t last_pair_ = 0;
    std::uint64_t* last_ = nullptr;
    boost::asio::steady_timer timer_;
    std::shared_ptr<const bool> lives_ = std::make_shared<const bool>(true);
};

} // namespace

std::unique_ptr<handler> make_count_handler(boost::asio::io_context& loop) {
    return std::make_unique<count_handler>(loop);
}

} // namespace millrace::processor

#include "redrive_report.hpp"

#include "answers.hpp"
#include "millrace/kafka/error.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace millrace::processor {
namespace {

using nlohmann::ordered_json;

std::string_view name_of(redrive_report::state s) noexcept {
    static constexpr std::array<std::string_view, 4> names = {"running", "done", "failed", "stopped"};
    return names[static_cast<std::size_t>(s)];
}

ordered_json describe(const coordinates& place) {
    return {{"topic", place.topic}, {"partition", value(place.partition)}, {"offset", value(place.offset)}};
}

std::string so_far(const redrive_report& r) {
    return std::to_string(r.redriven) + " of " + std::to_string(r.selected - r.already) +
           " dead letters were redriven. ";
}

constexpr std::string_view repeat =
    " Ask again for the rest: what was redriven is not redriven a second time.";

} // namespace

std::string to_json(const redrive_report& r, bool with_copies) {
    ordered_json out = {
        {"state", name_of(r.now)},
        {"dry_run", r.dry_run},
        {"started_at", to_rfc3339(r.started)},
        {"finished_at", r.finished ? ordered_json(to_rfc3339(*r.finished)) : ordered_json(nullptr)},
        {"selected", r.selected},
        {"already_redriven", r.already},
        {"redriven", r.redriven},
        {"failed", r.failed},
        {"left", r.left()},
        {"error", r.error ? ordered_json(r.error.message()) : ordered_json(nullptr)}};
    if (with_copies) {
        ordered_json copies = ordered_json::array();
        for (const auto& c : r.copies) {
            ordered_json copy = describe(c.event);
            copy["dlq"] = describe(c.letter);
            copies.push_back(std::move(copy));
        }
        ordered_json failures = ordered_json::array();
        for (const auto& f : r.failures)
            failures.push_back({{"dlq", describe(f.letter)}, {"reason", f.reason}});
        out["events"] = std::move(copies);
        out["failures"] = std::move(failures);
    }
    return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

http::problem problem_of(const redrive_report& r) {
    if (r.now == redrive_report::state::stopped) {
        http::problem p = draining();
        p.detail = so_far(r) + "Then this processor was told to end." + std::string(repeat);
        return p;
    }
    if (r.error == kafka::errc::fenced)
        return {.status = 409,
                .code = "redrive_taken_over",
                .title = "Redrive taken over",
                .detail = so_far(r) +
                          "Then another processor of the group began to redrive, which ends this one." +
                          std::string(repeat),
                .retryable = true};
    if (r.error == kafka::errc::unsupported)
        return {.status = 501,
                .code = "transactions_unsupported",
                .title = "Transactions not supported",
                .detail = "The brokers know no transactions, without which an event could be redriven twice. "
                          "Apache Kafka has them from 0.11 on. Nothing was redriven."};
    if (r.error == kafka::errc::queue_full)
        return {.status = 503,
                .code = "redrive_failed",
                .title = "Redrive failed",
                .detail =
                    "There are more than a million dead letters and marks of redriven ones to keep in mind. "
                    "Redrive one topic at a time, or let retention remove old ones. Nothing was redriven."};
    if (r.error == condition::unauthorised)
        return {.status = 503,
                .code = "redrive_failed",
                .title = "Redrive failed",
                .detail = so_far(r) + "The brokers refuse the processor's client: " + r.detail +
                          ". It needs Write and Describe for the topics, their dead-letter topics and the "
                          "transactional id millrace-redrive-GROUP." +
                          std::string(repeat)};
    return {.status = 503,
            .code = "redrive_failed",
            .title = "Redrive failed",
            .detail = so_far(r) + "Then it failed: " + (r.detail.empty() ? r.error.message() : r.detail) +
                      "." + std::string(repeat),
            .retryable = true,
            .retry_after_s = 2};
}

} // namespace millrace::processor

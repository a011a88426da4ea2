// Transactions by librdkafka's own calls. Those that wait are asked in slices, so that a hurry is noticed;
// librdkafka goes on with a call that timed out when it is called again.
#include "transaction_client.hpp"

#include "client_conf.hpp"
#include "librdkafka_error.hpp"
#include "produce.hpp"
#include "producer_outcome.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace millrace::kafka {
namespace {

constexpr int slice_ms = 1'000;
constexpr int report_slice_ms = 50;
constexpr milliseconds abort_patience{3'000}; // beyond the deadline, so that readers need not wait

conf_ptr conf_of(const transactor_config& config) {
    conf_ptr conf = make_conf(config.client, client_role::producer);
    const std::string timeout = std::to_string(config.transaction_timeout.count());
    set(*conf, "transactional.id", config.id);
    set(*conf, "transaction.timeout.ms", timeout);
    set(*conf, "message.timeout.ms", timeout);
    set(*conf, "acks", "all");
    set(*conf, "enable.idempotence", "true");
    set(*conf, "linger.ms", "1");
    rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
    return conf;
}

error_code named(rd_kafka_resp_err_t error) noexcept {
    switch (error) {
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
        return errc::fenced;
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__NOT_CONFIGURED:
        return errc::unsupported;
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
        return errc::not_allowed;
    default:
        return to_error_code(error);
    }
}

} // namespace

transaction_client::transaction_client(const transactor_config& config, const std::atomic<bool>& hurry)
    : hurry_(hurry),
      client_(make_client(conf_of(config), client_role::producer)),
      queue_(rd_kafka_queue_get_main(client_.get())) {}

bool transaction_client::late(steady_time deadline) const noexcept {
    return hurry_ || steady_clock::now() >= deadline;
}

std::optional<transaction_client::failure> transaction_client::fatal() const {
    std::array<char, 512> text{};
    const auto error = rd_kafka_fatal_error(client_.get(), text.data(), text.size());
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        return std::nullopt;
    return failure{named(error), text.data()};
}

/// A fatal error is the reason of whatever came after it.
transaction_client::failure transaction_client::why(rd_kafka_error_t* error) const {
    const error_ptr owned(error);
    if (auto worse = fatal())
        return *worse;
    return {named(rd_kafka_error_code(owned.get())), rd_kafka_error_string(owned.get())};
}

transaction_client::failure transaction_client::init(steady_time deadline) {
    for (;;) {
        rd_kafka_error_t* const error = rd_kafka_init_transactions(client_.get(), slice_ms);
        if (error == nullptr)
            return {};
        serve(0);
        if (rd_kafka_error_is_retriable(error) == 0 || late(deadline))
            return why(error);
        rd_kafka_error_destroy(error);
    }
}

transaction_outcome transaction_client::run(const std::vector<transaction_record>& records,
                                            const transactor::sequel& then, steady_time deadline) {
    transaction_outcome out;
    if (rd_kafka_error_t* const error = rd_kafka_begin_transaction(client_.get())) {
        auto [code, detail] = why(error);
        return {code, std::move(detail), {}};
    }
    std::vector<delivery> of_sequel; // to it the reports may still come while it is aborted
    failure f = send(records, out.deliveries, deadline);
    if (!f.error && then)
        f = send(then(out.deliveries), of_sequel, deadline);
    if (f.error) {
        abort(deadline);
        f = fatal().value_or(f); // that somebody has taken over may turn up only now
    } else {
        f = commit(deadline);
    }
    reported_ = nullptr;
    out.error = f.error;
    out.detail = std::move(f.detail);
    return out;
}

/// Returns when all are stored, as far as a transaction that is not committed is, or one cannot be.
transaction_client::failure transaction_client::send(const std::vector<transaction_record>& records,
                                                     std::vector<delivery>& deliveries,
                                                     steady_time deadline) {
    deliveries.assign(records.size(), {});
    reported_ = &deliveries;
    std::vector<field> headers;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const transaction_record& r = records[i];
        headers.clear();
        for (const auto& [name, value] : r.headers)
            headers.push_back({name, value ? std::string_view(*value) : std::string_view()});
        const outgoing o{r.key, r.value, headers, r.timestamp, r.partition};
        rd_kafka_topic_t* const topic = topic_handle(r.topic);
        const auto error =
            topic == nullptr ? rd_kafka_last_error() : produce(*client_, *topic, o, &deliveries[i]);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
            ++outstanding_;
        else
            deliveries[i].error = outcome(error, RD_KAFKA_MSG_STATUS_NOT_PERSISTED);
    }
    // One that is refused spoils the transaction: librdkafka sends none of the others any more.
    const auto refused = [&] {
        return std::ranges::find_if(deliveries, [](const delivery& d) { return bool(d.error); });
    };
    while (outstanding_ > 0 && !late(deadline) && !fatal() && refused() == deliveries.end())
        serve(report_slice_ms);
    if (auto worse = fatal())
        return *worse;
    if (const auto bad = refused(); bad != deliveries.end())
        return {bad->error, bad->error.message()};
    if (outstanding_ > 0)
        return {to_error_code(RD_KAFKA_RESP_ERR__TIMED_OUT), "the records were not acknowledged in time"};
    return {};
}

transaction_client::failure transaction_client::commit(steady_time deadline) {
    for (;;) {
        rd_kafka_error_t* const error = rd_kafka_commit_transaction(client_.get(), slice_ms);
        if (error == nullptr)
            return {};
        if (rd_kafka_error_txn_requires_abort(error) != 0) {
            const failure f = why(error);
            abort(deadline);
            return fatal().value_or(f);
        }
        const bool again = rd_kafka_error_is_retriable(error) != 0;
        if (again && !late(deadline)) {
            rd_kafka_error_destroy(error);
            continue;
        }
        failure f = why(error);
        // Whether the coordinator has heard of it nobody knows, unless it was told to go away first.
        if (f.error != errc::fenced)
            f.error = errc::outcome_unknown;
        return f;
    }
}

/// Readers of these partitions wait until it is done, at most for the transaction's timeout.
void transaction_client::abort(steady_time deadline) {
    const auto now = steady_clock::now();
    const auto patience = (hurry_ ? now : std::max(deadline, now)) + abort_patience;
    rd_kafka_purge(client_.get(),
                   RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
    while (outstanding_ > 0 && steady_clock::now() < patience)
        serve(report_slice_ms);
    while (steady_clock::now() < patience) {
        const error_ptr error(rd_kafka_abort_transaction(client_.get(), slice_ms));
        if (!error || rd_kafka_error_is_retriable(error.get()) == 0)
            return;
        serve(0);
    }
}

/// Takes one event; whether there was one.
bool transaction_client::serve(int wait_ms) {
    const event_ptr event(rd_kafka_queue_poll(queue_.get(), wait_ms));
    if (!event)
        return false;
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR)
        return true;
    while (const rd_kafka_message_t* m = rd_kafka_event_message_next(event.get())) {
        --outstanding_;
        if (reported_ == nullptr)
            continue;
        delivery& d = *static_cast<delivery*>(m->_private);
        d.error = outcome(m->err, rd_kafka_message_status(m));
        d.partition = partition_id{m->partition};
        d.offset = record_offset{m->offset};
        d.timestamp = {rd_kafka_message_timestamp(m, nullptr)};
    }
    return true;
}

rd_kafka_topic_t* transaction_client::topic_handle(const std::string& name) {
    topic_ptr& known = topics_[name];
    if (!known)
        known.reset(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
    return known.get();
}

} // namespace millrace::kafka

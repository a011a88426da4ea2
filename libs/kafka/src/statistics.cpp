// Read as it streams by: the document grows with the number of partitions, of which only the leaders are
// needed.
#include "statistics.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace millrace::kafka {
namespace {

/// The mean of what brokers measured, each with its own number of measurements.
class mean {
  public:
    std::uint64_t average = 0; ///< of the broker at hand
    std::uint64_t count = 0;

    void add() noexcept {
        sum_ += average * count;
        total_ += count;
        average = count = 0;
    }
    std::uint64_t value() const noexcept { return total_ == 0 ? 0 : sum_ / total_; }

  private:
    std::uint64_t sum_ = 0;
    std::uint64_t total_ = 0;
};

/// Listens for `cgrp.join_state`, for some members of each element of `brokers`, and for partitions' leaders.
class reader final : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit reader(partition_leaders* leaders) noexcept : leaders_(leaders) {}

    statistics result() const {
        statistics all = found_;
        if (all.brokers_known == 0)
            all.brokers_known = bootstrap_;
        all.queue_us = queue_.value();
        all.round_trip_us = round_trip_.value();
        all.throttle_us = throttle_ms_.value() * 1'000;
        return all;
    }

    bool start_object(std::size_t) override {
        if (++depth_ == 2)
            section_ = key_;
        if (depth_ == 3) {
            broker_ = {};
            topic_ = key_;
        }
        if (depth_ == 4)
            window_ = key_;
        if (depth_ == 5)
            partition_ = key_;
        return true;
    }

    bool end_object() override {
        if (depth_-- == 3 && section_ == "brokers")
            count_broker();
        return true;
    }

    bool key(string_t& name) override {
        key_.swap(name);
        return true;
    }

    bool string(string_t& text) override {
        if (depth_ == 3 && section_ == "brokers") {
            if (key_ == "state")
                broker_.up = text == "UP";
            else if (key_ == "source")
                broker_.logical = text == "logical" || text == "internal";
        } else if (depth_ == 2 && section_ == "cgrp" && key_ == "join_state") {
            found_.join_state = text;
        }
        return true;
    }

    bool number_integer(number_integer_t number) override {
        if (leaders_ != nullptr && depth_ == 5 && key_ == "leader" && section_ == "topics" &&
            window_ == "partitions")
            (*leaders_)[topic_ + '/' + partition_] = static_cast<std::int32_t>(number);
        if (section_ != "brokers")
            return true;
        if (depth_ == 3)
            take_number(number);
        else if (depth_ == 4)
            take_measured(number < 0 ? 0 : static_cast<std::uint64_t>(number));
        return true;
    }

    bool number_unsigned(number_unsigned_t number) override {
        return number_integer(static_cast<number_integer_t>(number));
    }

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

  private:
    struct broker {
        std::int64_t node = -1;
        bool up = false;
        bool logical = false; ///< the coordinator's connection, of a broker that is listed too
    };

    void take_number(std::int64_t number) {
        if (key_ == "nodeid")
            broker_.node = number;
        if (number < 0) // not known
            return;
        const auto count = static_cast<std::uint64_t>(number);
        if (key_ == "outbuf_cnt" || key_ == "waitresp_cnt")
            found_.requests_waiting += count;
        else if (key_ == "rxbytes")
            found_.received_bytes += count;
        else if (key_ == "txerrs")
            found_.request_errors += count;
        else if (key_ == "txretries")
            found_.request_retries += count;
        else if (key_ == "req_timeouts")
            found_.request_timeouts += count;
    }

    void take_measured(std::uint64_t number) {
        mean* const of = window_ == "int_latency" ? &queue_
                         : window_ == "rtt"       ? &round_trip_
                         : window_ == "throttle"  ? &throttle_ms_
                                                  : nullptr;
        if (of != nullptr && key_ == "avg")
            of->average = number;
        else if (of != nullptr && key_ == "cnt")
            of->count = number;
    }

    void count_broker() {
        queue_.add();
        round_trip_.add();
        throttle_ms_.add();
        if (broker_.logical)
            return;
        found_.brokers_up += broker_.up ? 1 : 0;
        (broker_.node >= 0 ? found_.brokers_known : bootstrap_) += 1;
    }

    partition_leaders* leaders_; ///< may be null
    int depth_ = 0;
    std::string key_;
    std::string section_;
    std::string topic_;
    std::string window_; ///< an object of durations within a broker, or a topic's partitions
    std::string partition_;
    broker broker_;
    mean queue_;
    mean round_trip_;
    mean throttle_ms_;
    int bootstrap_ = 0;
    statistics found_;
};

} // namespace

statistics read_statistics(std::string_view json, partition_leaders* leaders) {
    reader r(leaders);
    if (!nlohmann::json::sax_parse(json, &r))
        return {};
    return r.result();
}

} // namespace millrace::kafka

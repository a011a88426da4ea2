// Read as it streams by: the document grows with the number of partitions, of which nothing is needed.
#include "statistics.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace millrace::kafka {
namespace {

/// Listens for `cgrp.join_state` and, of each element of `brokers`, `nodeid`, `state` and `source`.
class reader final : public nlohmann::json_sax<nlohmann::json> {
  public:
    statistics result() const {
        statistics all = found_;
        if (all.brokers_known == 0)
            all.brokers_known = bootstrap_;
        return all;
    }

    bool start_object(std::size_t) override {
        if (++depth_ == 2)
            section_ = key_;
        if (depth_ == 3)
            broker_ = {};
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
        if (depth_ == 3 && key_ == "nodeid")
            broker_.node = number;
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

    void count_broker() {
        if (broker_.logical)
            return;
        found_.brokers_up += broker_.up ? 1 : 0;
        (broker_.node >= 0 ? found_.brokers_known : bootstrap_) += 1;
    }

    int depth_ = 0;
    std::string key_;
    std::string section_;
    broker broker_;
    int bootstrap_ = 0;
    statistics found_;
};

} // namespace

statistics read_statistics(std::string_view json) {
    reader r;
    if (!nlohmann::json::sax_parse(json, &r))
        return {};
    return r.result();
}

} // namespace millrace::kafka

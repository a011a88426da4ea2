// {"…": …, "brokers": {"host:port/1": {"nodeid": 1, "state": "UP", …}, …}, "topics": …}
#include "producer_statistics.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace millrace::kafka {
namespace {

class brokers_reader final : public nlohmann::json::json_sax_t {
  public:
    broker_counts counts;
    bool complete = false;

    bool start_object(std::size_t) override {
        if (++depth_ == broker_depth)
            known_ = up_ = false;
        return true;
    }
    bool end_object() override {
        if (in_brokers_ && depth_ == broker_depth) {
            counts.known += static_cast<int>(known_);
            counts.up += static_cast<int>(known_ && up_);
        }
        if (in_brokers_ && depth_ == brokers_depth)
            complete = true;
        --depth_;
        return !complete; // false: read no further
    }
    bool key(std::string& name) override {
        if (depth_ == top_depth)
            in_brokers_ = name == "brokers";
        key_ = name;
        return true;
    }
    bool string(std::string& text) override {
        if (of_broker("state"))
            up_ = text == "UP" || text == "UPDATE" || text == "REAUTH";
        return true;
    }
    bool number_integer(std::int64_t) override { return true; } // negative: a bootstrap entry's node id
    bool number_unsigned(std::uint64_t) override {
        if (of_broker("nodeid"))
            known_ = true;
        return true;
    }
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_float(double, const std::string&) override { return true; }
    bool binary(nlohmann::json::binary_t&) override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
        return false;
    }

  private:
    static constexpr int top_depth = 1;
    static constexpr int brokers_depth = 2;
    static constexpr int broker_depth = 3;

    bool of_broker(const char* name) const { return in_brokers_ && depth_ == broker_depth && key_ == name; }

    int depth_ = 0;
    bool in_brokers_ = false;
    bool known_ = false;
    bool up_ = false;
    std::string key_;
};

} // namespace

std::optional<broker_counts> count_brokers(std::string_view json) {
    brokers_reader reader;
    nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
    if (!reader.complete)
        return std::nullopt;
    return reader.counts;
}

} // namespace millrace::kafka

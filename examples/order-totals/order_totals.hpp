// A handler of one's own: adds up what orders are worth, by currency, and shows it in /status.
#pragma once

#include <millrace/processor/handler.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>

class order_totals final : public millrace::processor::handler {
  public:
    std::string_view name() const noexcept override { return "order_totals"; }

    // {"order": 17, "currency": "EUR", "cents": 1250}
    void handle(const millrace::processor::delivery& d, millrace::processor::completion c) override {
        const auto order = nlohmann::json::parse(d.event->data, nullptr, false);
        if (!order.is_object() || !order.contains("currency") || !order.contains("cents") ||
            !order["currency"].is_string() || !order["cents"].is_number_unsigned())
            return c.fail("not_an_order", "an order has a text `currency` and a number of `cents`");
        if (!cents_.contains(order["currency"]) && cents_.size() >= max_currencies)
            return c.fail("currency", "there are " + std::to_string(max_currencies) + " currencies already");
        cents_[order["currency"]] += order["cents"].get<std::uint64_t>();
        c.done();
    }

    std::string status_json() const override { return nlohmann::json{{"cents", cents_}}.dump(); }

  private:
    // Senders choose the names: they must not fill the memory.
    static constexpr std::size_t max_currencies = 200;

    std::map<std::string, std::uint64_t> cents_;
};

// fill --brokers B --topic T --count N [--batch M]: fills a topic with 300-byte events as the ingress would
// store them, the same headers and batches of about the size that it makes under load.
#include "arguments.hpp"
#include "millrace/core/clock.hpp"
#include "millrace/core/random.hpp"
#include "millrace/core/uuid.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdio>
#include <exception>
#include <memory>
#include <string_view>

namespace {

using namespace millrace::bench;
using namespace std::string_view_literals;
using client_ptr = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

constexpr auto before_id = "{\"id\":\""sv;
constexpr auto after_id =
    "\",\"type\":\"order.created\",\"source\":\"/shop/north\",\"time\":\"2026-01-15T09:26:53.589Z\","
    "\"customer\":48213,\"order\":{\"number\":48213907,\"currency\":\"EUR\",\"total\":129.95,\"items\":["
    "{\"sku\":\"A-1001\",\"quantity\":2,\"price\":39.99},{\"sku\":\"B-2040\",\"quantity\":1,\"price\":49.97}]}}"sv;

std::uint64_t lost = 0;

void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        ++lost;
}

client_ptr connect(const arguments& given) {
    std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> conf(rd_kafka_conf_new(),
                                                                            &rd_kafka_conf_destroy);
    std::array<char, 512> error{};
    for (const auto& [name, value] :
         {std::pair{"bootstrap.servers", given.text("brokers").c_str()}, std::pair{"acks", "all"},
          std::pair{"enable.idempotence", "true"}, std::pair{"linger.ms", "5"},
          std::pair{"batch.num.messages", given.text("batch").c_str()}})
        if (rd_kafka_conf_set(conf.get(), name, value, error.data(), error.size()) != RD_KAFKA_CONF_OK)
            throw std::runtime_error(error.data());
    rd_kafka_conf_set_dr_msg_cb(conf.get(), &on_report);
    client_ptr client(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), error.data(), error.size()),
                      &rd_kafka_destroy);
    if (!client)
        throw std::runtime_error(error.data());
    static_cast<void>(conf.release()); // the client owns it now
    return client;
}

class traceparents {
  public:
    /// "00-<32 digits>-<16 digits>-01", as of W3C Trace Context.
    std::string_view next() {
        for (std::size_t at : {3U, 11U, 19U, 27U, 36U, 44U})
            std::snprintf(text_.data() + at, 9, "%08x", static_cast<unsigned>(random_()));
        text_[35] = text_[52] = '-';
        text_[53] = '0';
        text_[54] = '1';
        return {text_.data(), 55};
    }

  private:
    millrace::fast_random random_;
    std::array<char, 56> text_{"00-"};
};

class filler {
  public:
    filler(rd_kafka_t& client, rd_kafka_topic_t& topic) : client_(client), topic_(topic) {}

    void send() {
        const auto id = ids_.next(millrace::system_now());
        value_.assign(before_id).append(id.data(), id.size()).append(after_id);
        rd_kafka_headers_t* headers = rd_kafka_headers_new(6);
        add(headers, "content-type", "application/json");
        add(headers, "ce_specversion", "1.0");
        add(headers, "ce_id", {id.data(), id.size()});
        add(headers, "ce_source", "/millrace");
        add(headers, "ce_type", "event");
        add(headers, "traceparent", traces_.next());
        while (!take(headers))
            rd_kafka_poll(&client_, 100);
    }

  private:
    /// False: the queue is full. The producer owns the headers from now on otherwise.
    bool take(rd_kafka_headers_t* headers) {
        std::array<rd_kafka_vu_t, 4> parts{};
        parts[0].vtype = RD_KAFKA_VTYPE_RKT;
        parts[0].u.rkt = &topic_;
        parts[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
        parts[1].u.i = RD_KAFKA_MSG_F_COPY;
        parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
        parts[2].u.mem = {value_.data(), value_.size()};
        parts[3].vtype = RD_KAFKA_VTYPE_HEADERS;
        parts[3].u.headers = headers;
        const std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> failed(
            rd_kafka_produceva(&client_, parts.data(), parts.size()), &rd_kafka_error_destroy);
        if (failed && rd_kafka_error_code(failed.get()) != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            throw std::runtime_error(rd_kafka_error_string(failed.get()));
        return !failed;
    }

    static void add(rd_kafka_headers_t* headers, std::string_view name, std::string_view value) {
        rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                            static_cast<ssize_t>(value.size()));
    }

    rd_kafka_t& client_;
    rd_kafka_topic_t& topic_;
    millrace::uuid7_generator ids_;
    traceparents traces_;
    std::string value_;
};

} // namespace

int main(int argc, char** argv) {
    try {
        const arguments given(
            {argv, static_cast<std::size_t>(argc)},
            {{"brokers", "127.0.0.1:9092"}, {"topic", "events"}, {"count", "0"}, {"batch", "64"}});
        const client_ptr client = connect(given);
        const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> topic(
            rd_kafka_topic_new(client.get(), given.text("topic").c_str(), nullptr), &rd_kafka_topic_destroy);
        filler events(*client, *topic);
        for (auto left = given.number("count"); left > 0; --left)
            events.send();
        if (rd_kafka_flush(client.get(), 60'000) != RD_KAFKA_RESP_ERR_NO_ERROR || lost > 0)
            throw std::runtime_error("not every event was acknowledged");
        return 0;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "fill: %s\n", failure.what());
        return 1;
    }
}

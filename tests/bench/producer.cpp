// The calls into librdkafka that every ingress of this kind has to make, and none besides.
#include "producer.hpp"

#include <array>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace millrace::bench {
namespace {

constexpr std::uint64_t one = 1; // an eventfd takes writes of eight bytes only

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
    std::array<char, 512> error{};
    if (rd_kafka_conf_set(conf, name, value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK)
        throw std::runtime_error(error.data());
}

rd_kafka_t* make_client(const producer_options& options) {
    std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> conf(rd_kafka_conf_new(),
                                                                            &rd_kafka_conf_destroy);
    set(conf.get(), "bootstrap.servers", options.brokers);
    set(conf.get(), "acks", "all");
    set(conf.get(), "enable.idempotence", "true");
    set(conf.get(), "linger.ms", options.linger_ms);
    if (!options.sticky_ms.empty())
        set(conf.get(), "sticky.partitioning.linger.ms", options.sticky_ms);
    rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR);
    std::array<char, 512> error{};
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), error.data(), error.size());
    if (client == nullptr)
        throw std::runtime_error(error.data());
    static_cast<void>(conf.release()); // the client owns it now
    return client;
}

/// Names and sizes as the product's records of a plain event have them.
rd_kafka_headers_t* make_headers() {
    constexpr std::pair<std::string_view, std::string_view> all[] = {
        {"ce_specversion", "1.0"},
        {"ce_id", "019ab1c2-0000-7000-8000-000000000000"},
        {"ce_source", "/millrace"},
        {"ce_type", "event"},
        {"content-type", "application/json"},
        {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};
    rd_kafka_headers_t* made = rd_kafka_headers_new(std::size(all));
    for (const auto& [name, value] : all)
        rd_kafka_header_add(made, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                            static_cast<ssize_t>(value.size()));
    return made;
}

} // namespace

producer::producer(const producer_options& options, int eventfd)
    : headers_(options.headers ? make_headers() : nullptr),
      client_(make_client(options)),
      topic_(rd_kafka_topic_new(client_.get(), options.topic.c_str(), nullptr)),
      reports_(rd_kafka_queue_get_main(client_.get())) {
    if (!topic_)
        throw std::runtime_error("not a topic: " + options.topic);
    rd_kafka_queue_io_event_enable(reports_.get(), eventfd, &one, sizeof one);
}

producer::~producer() {
    rd_kafka_queue_io_event_enable(reports_.get(), -1, nullptr, 0);
}

bool producer::send(std::string_view value, delivery_slot& slot) noexcept {
    if (headers_) {
        rd_kafka_headers_t* own = rd_kafka_headers_copy(headers_.get());
        std::array<rd_kafka_vu_t, 6> vus{};
        vus[0].vtype = RD_KAFKA_VTYPE_RKT;
        vus[0].u.rkt = topic_.get();
        vus[1].vtype = RD_KAFKA_VTYPE_PARTITION;
        vus[1].u.i32 = RD_KAFKA_PARTITION_UA;
        vus[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
        vus[2].u.i = RD_KAFKA_MSG_F_COPY;
        vus[3].vtype = RD_KAFKA_VTYPE_VALUE;
        vus[3].u.mem = {const_cast<char*>(value.data()), value.size()};
        vus[4].vtype = RD_KAFKA_VTYPE_HEADERS;
        vus[4].u.headers = own;
        vus[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
        vus[5].u.ptr = &slot;
        rd_kafka_error_t* const error = rd_kafka_produceva(client_.get(), vus.data(), vus.size());
        if (error == nullptr)
            return true;
        rd_kafka_error_destroy(error);
        rd_kafka_headers_destroy(own);
        return false;
    }
    // librdkafka copies the bytes; its signature is older than const.
    return rd_kafka_produce(topic_.get(), RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                            const_cast<char*>(value.data()), value.size(), nullptr, 0, &slot) == 0;
}

std::size_t producer::serve() noexcept {
    std::size_t served = 0;
    while (rd_kafka_event_t* event = rd_kafka_queue_poll(reports_.get(), 0)) {
        while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
            static_cast<delivery_slot*>(message->_private)
                ->on_delivery(message->err == RD_KAFKA_RESP_ERR_NO_ERROR);
            ++served;
        }
        rd_kafka_event_destroy(event);
    }
    return served;
}

} // namespace millrace::bench

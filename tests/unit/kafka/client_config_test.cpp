// Which properties may be set by hand, and which client is given them.
#include "client_conf.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace millrace::kafka;

namespace {

std::string value_in(rd_kafka_conf_t& conf, const char* name) {
    std::array<char, 256> value{};
    std::size_t size = value.size();
    if (rd_kafka_conf_get(&conf, name, value.data(), &size) != RD_KAFKA_CONF_OK)
        return "no such property";
    return value.data();
}

} // namespace

TEST_CASE("what would break the promise, or has a setting of its own, is refused with the reason") {
    constexpr std::array refused{"acks",
                                 "request.required.acks",
                                 "enable.idempotence",
                                 "retries",
                                 "message.send.max.retries",
                                 "max.in.flight",
                                 "max.in.flight.requests.per.connection",
                                 "message.timeout.ms",
                                 "delivery.timeout.ms",
                                 "linger.ms",
                                 "queue.buffering.max.ms",
                                 "queue.buffering.max.messages",
                                 "queue.buffering.max.kbytes",
                                 "partitioner",
                                 "transactional.id",
                                 "bootstrap.servers",
                                 "metadata.broker.list",
                                 "client.id",
                                 "group.id",
                                 "enable.auto.commit",
                                 "enable.auto.offset.store",
                                 "auto.offset.reset",
                                 "isolation.level",
                                 "partition.assignment.strategy",
                                 "statistics.interval.ms",
                                 "test.mock.num.brokers",
                                 "error_cb",
                                 "reconnect.backoff.max.ms",
                                 "session.timeout.ms",
                                 "plugin.library.paths"};
    for (const auto* name : refused) {
        const auto reason = refusal(name);
        CAPTURE(name);
        REQUIRE(reason.has_value());
        CHECK(reason->size() > 20);
        CHECK_THROWS_WITH_AS(make_conf({.properties = {{name, "1"}}}, client_role::producer),
                             doctest::Contains(name), std::runtime_error);
    }
    CHECK(refusal("bootstrap.servers")->find("kafka.brokers") != std::string::npos);
    CHECK(refusal("client.id")->find("kafka.client_id") != std::string::npos);
    CHECK(refusal("group.id")->find("processor.group") != std::string::npos);
}

TEST_CASE("everything else may be set") {
    for (const auto* name : {"security.protocol", "sasl.username", "ssl.ca.location", "compression.type",
                             "socket.timeout.ms", "message.max.bytes", "batch.size", "fetch.max.bytes",
                             "debug", "client.rack", "group.instance.id", "no.such.property"})
        CHECK_MESSAGE(!refusal(name), name);
}

TEST_CASE("librdkafka judges names and values") {
    CHECK_FALSE(check_property("socket.timeout.ms", "1000"));
    CHECK_FALSE(check_property("compression.type", "zstd"));
    CHECK(check_property("socket.timeout.ms", "soon")->find("socket.timeout.ms") != std::string::npos);
    CHECK(check_property("no.such.property", "1")->find("no.such.property") != std::string::npos);
    CHECK(library_version().find('.') != std::string::npos);
}

TEST_CASE("each client is given the properties that concern it, of the topic level too") {
    const client_config config{.brokers = "a:1,b:2",
                               .client_id = "me",
                               .properties = {{"socket.timeout.ms", "12345"}, // for both
                                              {"batch.size", "1000"},         // for producers
                                              {"compression.level", "3"},     // for producers, of the topic
                                              {"fetch.max.bytes", "2000000"}}};
    const auto producer = make_conf(config, client_role::producer);
    const auto consumer = make_conf(config, client_role::consumer);
    const conf_ptr untouched(rd_kafka_conf_new());
    for (const auto& conf : {producer.get(), consumer.get()}) {
        CHECK(value_in(*conf, "bootstrap.servers") == "a:1,b:2");
        CHECK(value_in(*conf, "client.id") == "me");
        CHECK(value_in(*conf, "socket.timeout.ms") == "12345");
        CHECK(value_in(*conf, "reconnect.backoff.max.ms") == "500");
    }
    CHECK(value_in(*producer, "batch.size") == "1000");
    CHECK(value_in(*consumer, "batch.size") == value_in(*untouched, "batch.size"));
    CHECK(value_in(*producer, "compression.level") == "3");
    CHECK(value_in(*consumer, "compression.level") == value_in(*untouched, "compression.level"));
    CHECK(value_in(*consumer, "fetch.max.bytes") == "2000000");
    CHECK(value_in(*producer, "fetch.max.bytes") == value_in(*untouched, "fetch.max.bytes"));
}

// The command line, the order of sources, and what is printed.
#include "environment.hpp"

#include <doctest/doctest.h>

using namespace millrace::settings;
using namespace millrace::settings::test;

TEST_CASE("nothing given: the defaults of each service") {
    const auto ingress = load_words({});
    REQUIRE(ingress.settings);
    CHECK(ingress.exit_code == 0);
    CHECK(ingress.text.empty());
    CHECK(ingress.warnings.empty());
    CHECK(ingress.settings->http.listen == "127.0.0.1:8080");
    CHECK(ingress.settings->kafka.brokers == "127.0.0.1:9092");
    REQUIRE(ingress.settings->topics.size() == 1);
    CHECK(ingress.settings->topics.at("events").partitions == 6);

    CHECK(load_words({"--print-config"}).text.find("[topics.events]\nsource = \"/millrace\"\n") !=
          std::string::npos);

    const auto processor = load_words({}, {}, service::processor);
    REQUIRE(processor.settings);
    CHECK(processor.settings->http.listen == "127.0.0.1:8090");
}

TEST_CASE("the environment beats the file, the file beats the default") {
    const std::string file =
        "[http]\nthreads = 2\nmax_connections = 5\n[processor.retry]\nmax_attempts = 9\n";
    const auto l = load_text(file, {"MILLRACE_HTTP_THREADS=3", "MILLRACE_PROCESSOR_RETRY_MAX_ATTEMPTS=7",
                                    "MILLRACE_LOG_FORMAT=json", "MILLRACE_PROCESSOR_TOPICS=a, b"});
    REQUIRE_MESSAGE(l.settings, l.text);
    CHECK(l.settings->http.threads == 3);
    CHECK(l.settings->http.max_connections == 5);
    CHECK(l.settings->processor.retry.max_attempts == 7);
    CHECK(l.settings->log.format == "json");
    CHECK(l.settings->processor.topics == words{"a", "b"});
    CHECK(l.settings->http.idle_timeout_ms == 60'000);
}

TEST_CASE("one file serves both services") {
    const std::string file = "[ingress]\nmax_batch_events = 3\n[processor]\nconcurrency = 4\n";
    for (const service s : {service::ingress, service::processor}) {
        const auto l = load_text(file, {}, {}, s);
        REQUIRE(l.settings);
        CHECK(l.settings->ingress.max_batch_events == 3);
        CHECK(l.settings->processor.concurrency == 4);
        CHECK(load_text("[processor]\nhandler = \"x\"\n[ingress]\nmax_batch_events = 0\n", {}, {}, s)
                  .text.find("2 errors") != std::string::npos);
    }
}

TEST_CASE("options") {
    struct row {
        words options;
        int exit_code;
        std::string in_text;
    };
    const row rows[] = {
        {{"--help"}, 0, "Usage: millrace-ingress [OPTION]"},
        {{"--version"}, 0, "millrace-ingress 0."},
        {{"--check-config"}, 0, "the configuration is usable\n"},
        {{"--print-config"}, 0, "[http]\nlisten = \"127.0.0.1:8080\"\n"},
        {{"--confg", "x"}, 2, "unknown option --confg; did you mean --config?"},
        {{"--chek-config"}, 2, "did you mean --check-config?"},
        {{"start"}, 2, "unexpected argument start"},
        {{"--config"}, 2, "--config needs a file"},
        {{"--config", "/nowhere/at/all.toml"}, 2, "/nowhere/at/all.toml: cannot be read"},
        {{"--config=/nowhere/at/all.toml"}, 2, "/nowhere/at/all.toml: cannot be read"},
        {{"--config", "/"}, 2, "/: cannot be read"},
    };
    for (const row& r : rows) {
        const auto l = load_words(r.options);
        CAPTURE(l.text);
        CHECK_FALSE(l.settings);
        CHECK(l.exit_code == r.exit_code);
        CHECK(l.text.find(r.in_text) != std::string::npos);
    }
}

TEST_CASE("what is printed can be read again and is then the same") {
    const std::string file = "[topics.orders]\ntype = \"a \\\"quoted\\\" \\u00E9 type\"\ncreate = false\n"
                             "[topics.\"with.dots\"]\n[ingress]\ndefault_topic = \"orders\"\n"
                             "[kafka.properties]\n\"security.protocol\" = \"ssl\"\n";
    const words variables = {"MILLRACE_KAFKA_PROPERTIES_SOCKET_TIMEOUT_MS=7000", "MILLRACE_HTTP_THREADS=4"};
    const auto first = load_text(file, variables, {"--print-config"});
    REQUIRE(first.exit_code == 0);
    CHECK(first.text.find("threads = 4") != std::string::npos);
    CHECK(first.text.find("[topics.\"with.dots\"]") != std::string::npos);
    const auto again = load_text(first.text, {}, {"--print-config"});
    CHECK(again.exit_code == 0);
    CHECK(again.text == first.text);
    CHECK(load_text(first.text).settings->topics.at("orders").type == "a \"quoted\" \u00e9 type");
}

TEST_CASE("secrets are masked") {
    const std::string file =
        "[kafka.properties]\n\"sasl.username\" = \"shown\"\n\"sasl.password\" = \"geheim\"\n"
        "\"ssl.key.password\" = \"geheim\"\n";
    const auto l =
        load_text(file, {"MILLRACE_KAFKA_PROPERTIES_SSL_KEYSTORE_PASSWORD=geheim"}, {"--print-config"});
    CAPTURE(l.text);
    CHECK(l.exit_code == 0);
    CHECK(l.text.find("geheim") == std::string::npos);
    CHECK(l.text.find("\"sasl.password\" = \"********\"") != std::string::npos);
    CHECK(l.text.find("\"ssl.keystore.password\" = \"********\"") != std::string::npos);
    CHECK(l.text.find("\"sasl.username\" = \"shown\"") != std::string::npos);
    CHECK(load_text(file).settings->kafka.properties.at("sasl.password") == "geheim");
}

TEST_CASE("variables for topics and properties") {
    const auto l =
        load_words({}, {"MILLRACE_TOPICS_ORDERS_PARTITIONS=3", "MILLRACE_INGRESS_DEFAULT_TOPIC=orders",
                        "MILLRACE_KAFKA_PROPERTIES_SECURITY_PROTOCOL=ssl", "OTHER=1"});
    REQUIRE_MESSAGE(l.settings, l.text);
    CHECK(l.warnings.empty());
    REQUIRE(l.settings->topics.size() == 1);
    CHECK(l.settings->topics.at("orders").partitions == 3);
    CHECK(l.settings->kafka.properties.at("security.protocol") == "ssl");

    const auto known =
        load_text("[topics.events]\n[topics.\"Orders-EU\"]\n", {"MILLRACE_TOPICS_ORDERS_EU_TYPE=t"});
    REQUIRE_MESSAGE(known.settings, known.text);
    CHECK(known.settings->topics.size() == 2);
    CHECK(known.settings->topics.at("Orders-EU").type == "t");
}

TEST_CASE("a wrong variable is an error that names it, an unknown one a warning") {
    const auto wrong = load_words({}, {"MILLRACE_HTTP_THREADS=many",
                                       "MILLRACE_HTTP_MAX_CONNECTIONS=", "MILLRACE_TOPICS_EVENTS_CREATE=yes",
                                       "MILLRACE_PROCESSOR_ORDERING=keys", "MILLRACE_KAFKA_CLIENT_ID=\xff",
                                       "MILLRACE_KAFKA_PROPERTIES_ACKS=1"});
    CAPTURE(wrong.text);
    CHECK(wrong.exit_code == 2);
    for (const char* text :
         {"MILLRACE_HTTP_THREADS: http.threads: \"many\" is not a whole number",
          "MILLRACE_HTTP_MAX_CONNECTIONS: http.max_connections: \"\" is not a whole number",
          "MILLRACE_TOPICS_EVENTS_CREATE: topics.events.create: \"yes\" is not true or false",
          "MILLRACE_PROCESSOR_ORDERING: processor.ordering: \"keys\" is not key, partition or none",
          "MILLRACE_KAFKA_CLIENT_ID: kafka.client_id: is not UTF-8",
          "MILLRACE_KAFKA_PROPERTIES_ACKS: kafka.properties.acks: ", "6 errors"})
        CHECK(wrong.text.find(text) != std::string::npos);

    const auto unknown = load_words({"--check-config"}, {"MILLRACE_HTTP_LISTN=x", "MILLRACE_ZZZZZZ=1"});
    CHECK(unknown.exit_code == 0);
    CHECK(unknown.warnings ==
          "environment variable MILLRACE_HTTP_LISTN names no setting; did you mean "
          "MILLRACE_HTTP_LISTEN?\nenvironment variable MILLRACE_ZZZZZZ names no setting\n");
    CHECK(unknown.text.find("warning: environment variable MILLRACE_HTTP_LISTN") != std::string::npos);
}

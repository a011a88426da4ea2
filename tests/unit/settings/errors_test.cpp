// Every mistake of a file, with its line.
#include "environment.hpp"

#include <doctest/doctest.h>

using namespace millrace::settings;
using namespace millrace::settings::test;

TEST_CASE("a file with many errors: all are reported, in the order of the file") {
    const auto l = load_text("[http]\n"                           // 1
                             "listen = \"nowhere\"\n"             // 2
                             "threads = 65\n"                     // 3
                             "max_body_byte = 5\n"                // 4
                             "idle_timeout_ms = \"1s\"\n"         // 5
                             "[kafka.properties]\n"               // 6
                             "acks = 1\n"                         // 7
                             "\"socket.timeout.ms\" = \"soon\"\n" // 8
                             "[ingress]\n"                        // 9
                             "default_topic = \"event\"\n"        // 10
                             "processor_url = \"ftp://x\"\n"      // 11
                             "[topics.\"a b\"]\n"                 // 12
                             "[processor]\n"                      // 13
                             "topics = [\n\"ok\",\n\"..\"]\n"     // 14
                             "ordering = \"keys\"\n"              // 17
                             "group = \"x\"\n"                    // 18
                             "group = \"y\"\n"                    // 19
                             "drain_timeout_ms = = 1\n"           // 20
                             "[procesor.retry]\n"                 // 21
                             "[auth.keys.x]\n"                    // 22
                             "sha256 = \"1\"\n");                 // 23
    CHECK(l.exit_code == 2);
    CHECK_FALSE(l.settings);
    const char* const expected[] = {
        "2: http.listen: \"nowhere\" is not host:port or [v6]:port\n",
        "\n3: http.threads: 65 is out of range: 1 to 64\n",
        "\n4: unknown key http.max_body_byte; did you mean http.max_body_bytes?\n",
        "\n5: http.idle_timeout_ms: expected an integer, got a string\n",
        "\n7: kafka.properties.acks: ",
        "\n8: kafka.properties.socket.timeout.ms: ",
        "\n10: ingress.default_topic: \"event\" is not one of [topics]; did you mean \"events\"?\n",
        "\n11: ingress.processor_url: \"ftp://x\" is not an http:// or https:// URL\n",
        "\n12: topics: \"a b\" is not a topic name",
        "\n14: processor.topics: \"..\" is not a topic name",
        "\n17: processor.ordering: \"keys\" is not key, partition or none; did you mean \"key\"?\n",
        "\n19: ",
        "cannot redefine existing string 'group'\n",
        "\n20: ",
        "\n21: unknown table [procesor]; did you mean processor?\n",
        "\n23: auth.keys.x.sha256: is not 64 hexadecimal digits",
        "\nmillrace-ingress: 15 errors in the configuration\n",
    };
    std::size_t at = 0;
    for (const char* text : expected) {
        CAPTURE(text);
        CAPTURE(l.text);
        const auto found = l.text.find(text, at);
        REQUIRE(found != std::string::npos);
        at = found;
    }
}

TEST_CASE("one mistake, one message") {
    struct row {
        std::string toml;
        std::string message;
    };
    const row rows[] = {
        {"[http]\nrequest_timeout_ms = 99",
         "2: http.request_timeout_ms: 99 is out of range: 100 to 3600000 ms"},
        {"[topics.events]\nsource = \"a b\"",
         "2: topics.events.source: \"a b\" is not a URI reference (RFC 3986), such as /orders"},
        {"[topics.events]\ntype = \"\"", "2: topics.events.type: \"\" is empty"},
        {"[http]\nthreads = 4\nmax_connections = 3", "2: http.threads: there are fewer connections"},
        {"[http]\nthreads = -1", "2: http.threads: -1 is out of range: 1 to 64"},
        {"[http]\nthreads = 1.5", "2: http.threads: expected an integer, got a fraction"},
        {"http = 1", "1: http: expected a table, got an integer"},
        {"[[topics]]\ntype = \"x\"", "1: topics: expected a table, got an array"},
        {"[topics.events]\ncreate = \"yes\"",
         "2: topics.events.create: expected true or false, got a string"},
        {"[topics.events]\ntypo = 1", "2: unknown key topics.events.typo; did you mean topics.events.type?"},
        {"[topics]\nevents = 1", "2: topics.events: expected a table, got an integer"},
        {"[topics.events]\ndedup_window_seconds = 1", "2: unknown key topics.events.dedup_window_seconds"},
        {"[processor]\nmax_attempts = 3",
         "2: unknown key processor.max_attempts; did you mean processor.retry.max_attempts?"},
        {"[processor]\ntopics = \"events\"",
         "2: processor.topics: expected an array of strings, got a string"},
        {"[processor]\ntopics = [1]",
         "2: processor.topics: expected an array of strings, an element is an integer"},
        {"[processor]\ntopics = []", "2: processor.topics: needs at least 1 element"},
        {"[processor]\ntopics = [\"a\", \"a\"]", "2: processor.topics: has \"a\" twice"},
        {"[processor]\nhandler = \"htttp\"", "2: processor.handler: \"htttp\" is not count, log, http, "
                                             "sqlite or postgres; did you mean \"http\"?"},
        {"[topics.orders]", "ingress.default_topic: \"events\" is not one of [topics]"},
        {"[kafka]\nbrokers = \"a:0\"", "2: kafka.brokers: \"a:0\" has a port that is not from 1 to 65535"},
        {"[kafka.properties]\nx = 1.5", "2: kafka.properties.x: expected a string, got a fraction"},
        {"[log]\nlevel = \"warning\"",
         "2: log.level: \"warning\" is not trace, debug, info, warn or error; did you mean \"warn\"?"},
        {"[http\nthreads = 2", "1: "},
        {"[processor]\ntopics = [\"a\"\ngroup = \"x\"\n[log]\nlevel = \"info\"\n", "3: "},
        {"a = \"\xff\"", "1: "},
    };
    for (const row& r : rows) {
        CAPTURE(r.toml);
        const auto l = load_text(r.toml);
        CHECK(l.exit_code == 2);
        CHECK_MESSAGE(l.text.starts_with(r.message), l.text);
        CHECK_MESSAGE(l.text.find("1 error in the configuration") != std::string::npos, l.text);
    }
}

TEST_CASE("one limit may be lowered alone: the lower one counts") {
    for (const char* toml : {"[http]\nmax_body_bytes = 1000", "[ingress]\nmax_in_flight_bytes = 1000",
                             "[ingress]\nmax_in_flight_events = 1", "[processor.retry]\nmax_backoff_ms = 10",
                             "[ingress]\nmax_event_bytes = 2000000"}) {
        CAPTURE(toml);
        CHECK(load_text(toml).settings);
    }
}

TEST_CASE("sections that do not exist yet are not silently accepted") {
    for (const char* toml : {"[handlers.http]\nretries = 1", "[processor]\nadmin_password = \"\""}) {
        CAPTURE(toml);
        const auto l = load_text(toml);
        CHECK(l.exit_code == 2);
        CHECK(l.text.find("unknown ") != std::string::npos);
    }
}

TEST_CASE("dotted properties need no quotes, numbers and flags are taken as text") {
    const auto l = load_text("[kafka.properties]\nsecurity.protocol = \"ssl\"\nsocket.timeout.ms = 5000\n"
                             "enable.ssl.certificate.verification = true\n");
    REQUIRE_MESSAGE(l.settings, l.text);
    const auto& p = l.settings->kafka.properties;
    CHECK(p.at("security.protocol") == "ssl");
    CHECK(p.at("socket.timeout.ms") == "5000");
    CHECK(p.at("enable.ssl.certificate.verification") == "true");
}

TEST_CASE("addresses and URLs") {
    struct row {
        const char* key;
        const char* value;
        bool legal;
    };
    const row rows[] = {
        {"http.listen", "127.0.0.1:8080", true},
        {"http.listen", "localhost:0", true},
        {"http.listen", "[::1]:8080", true},
        {"http.listen", "[::]:65535", true},
        {"http.listen", "::1:8080", false},
        {"http.listen", "[::1]", false},
        {"http.listen", "[host]:80", false},
        {"http.listen", "127.0.0.1", false},
        {"http.listen", "127.0.0.1:", false},
        {"http.listen", ":8080", false},
        {"http.listen", "127.0.0.1:65536", false},
        {"http.listen", "127.0.0.1:80 ", false},
        {"http.listen", "", false},
        {"kafka.brokers", "a:9092,b:9092, [::1]:9092", true},
        {"kafka.brokers", "a", true},
        {"kafka.brokers", "", false},
        {"kafka.brokers", "a:9092,", false},
        {"kafka.brokers", "a:9092;b:9092", false},
        {"ingress.processor_url", "", true},
        {"ingress.processor_url", "http://localhost:8090", true},
        {"ingress.processor_url", "https://events.example.org/millrace/", true},
        {"ingress.processor_url", "HTTP://[::1]:8090/", true},
        {"ingress.processor_url", "http://", false},
        {"ingress.processor_url", "http://h:0", false},
        {"ingress.processor_url", "http://h/a b", false},
        {"ingress.processor_url", "http://h/?q", false},
        {"ingress.processor_url", "localhost:8090", false},
    };
    for (const row& r : rows) {
        CAPTURE(r.key);
        CAPTURE(r.value);
        const auto l = load_text(std::string(r.key) + " = \"" + r.value + "\"\n");
        CHECK_MESSAGE(l.settings.has_value() == r.legal, l.text);
    }
}

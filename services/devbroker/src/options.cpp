// Two options that take a value, two that end at once.
#include "millrace/devbroker/options.hpp"

#include "millrace/core/text.hpp"
#include "millrace/core/version.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace millrace::devbroker {
namespace {

constexpr int max_partitions = 1'000;
constexpr std::size_t max_topic_length = 249; // Kafka's

constexpr std::string_view usage =
    R"(usage: millrace-devbroker [--topic NAME:PARTITIONS]... [--bootstrap-file PATH]

An in-memory Kafka broker to try millrace without installing Kafka. It listens on a free port of
127.0.0.1, says which on standard output, and ends on Ctrl-C.

  --topic NAME:PARTITIONS   make this topic at the start; may be repeated
                            (without it: events:6 and events.dlq:6)
  --bootstrap-file PATH     write the address there once clients may connect; removed at the end
  --help                    this text
  --version                 the version

Limits: everything is lost at the end; a partition keeps at most 5 MiB or 100,000 batches and then
silently drops the oldest; only programs on this machine can connect; no administration (topics that
are not named here appear with 4 partitions when they are first used).
)";

constexpr std::array<std::string_view, 4> known{"--topic", "--bootstrap-file", "--help", "--version"};

bool is_topic_name(std::string_view name) {
    const auto legal = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= max_topic_length && name != "." && name != ".." &&
           std::ranges::all_of(name, legal);
}

class parser {
  public:
    explicit parser(std::span<const char* const> arguments) : rest_(arguments) {}

    parsed parse() {
        while (!rest_.empty()) {
            const std::string_view argument = rest_.front();
            rest_ = rest_.subspan(1);
            if (argument == "--help" || argument == "-h")
                return {{}, std::string(usage), 0};
            if (argument == "--version")
                return {{}, "millrace-devbroker " + std::string(version()) + '\n', 0};
            option(argument);
        }
        if (!mistakes_.empty())
            return {{}, mistakes_ + "try: millrace-devbroker --help\n", 2};
        if (options_.topics.empty())
            options_.topics = {{"events", 6}, {"events.dlq", 6}};
        return {std::move(options_), {}, 0};
    }

  private:
    void option(std::string_view argument) {
        const std::string_view name = argument.substr(0, argument.find('='));
        if (name != "--topic" && name != "--bootstrap-file")
            return unknown(name);
        std::string_view value;
        if (name.size() < argument.size()) {
            value = argument.substr(name.size() + 1);
        } else if (!rest_.empty()) {
            value = rest_.front();
            rest_ = rest_.subspan(1);
        }
        if (value.empty())
            return mistake(std::string(name) + " needs a value");
        if (name == "--topic")
            add_topic(value);
        else
            options_.bootstrap_file = value;
    }

    void add_topic(std::string_view value) {
        const auto colon = value.rfind(':');
        const std::string_view name = value.substr(0, colon);
        const int partitions =
            colon == value.npos ? 0 : parse_number<int>(value.substr(colon + 1)).value_or(0);
        if (!is_topic_name(name))
            mistake("--topic " + std::string(value) + ": a topic's name is 1 to 249 of a-z A-Z 0-9 . _ -");
        else if (partitions < 1 || partitions > max_partitions)
            mistake("--topic " + std::string(value) + ": write NAME:PARTITIONS with 1 to 1000 partitions");
        else if (std::ranges::any_of(options_.topics, [&](const topic& t) { return t.name == name; }))
            mistake("--topic " + std::string(value) + ": the topic is named twice");
        else
            options_.topics.push_back({std::string(name), partitions});
    }

    void unknown(std::string_view name) {
        if (name == "--listen" || name == "--port")
            return mistake(std::string(name) +
                           ": the mock cluster takes a free port of 127.0.0.1 and cannot be "
                           "given one; see --bootstrap-file");
        const std::string_view meant = nearest(name, known);
        mistake(std::string(name) + ": no such option" +
                (meant.empty() ? std::string() : "; do you mean " + std::string(meant) + '?'));
    }

    void mistake(const std::string& what) { mistakes_ += "millrace-devbroker: " + what + '\n'; }

    std::span<const char* const> rest_;
    options options_;
    std::string mistakes_;
};

} // namespace

parsed parse(std::span<const char* const> arguments) {
    return parser(arguments).parse();
}

} // namespace millrace::devbroker

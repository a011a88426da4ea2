// The command line: which file, and whether to run or only to say something.
#include "millrace/settings/load.hpp"

#include "millrace/core/text.hpp"
#include "millrace/core/version.hpp"

#include "schema.hpp"

#include <array>
#include <exception>
#include <string_view>

namespace millrace::settings {
namespace {

constexpr int usage_error = 2;
constexpr std::string_view prefix = "MILLRACE_";
constexpr std::array<std::string_view, 5> option_names = {"--config", "--check-config", "--print-config",
                                                          "--version", "--help"};

struct command_line {
    std::optional<std::string> config;
    bool check = false;
    bool print = false;
    bool version = false;
    bool help = false;
    std::string problem;
};

std::string program(service s) {
    return s == service::ingress ? "millrace-ingress" : "millrace-processor";
}

std::string help_text(service s) {
    const bool ingress = s == service::ingress;
    std::string text = program(s) + " " + std::string(millrace::version()) + " - ";
    text += ingress ? "takes events over HTTP and answers 202 once Kafka has stored them.\n"
                    : "handles events from Kafka and says what became of each.\n";
    text += "\nUsage: " + program(s) + " [OPTION]...\n\n";
    text +=
        "  --config FILE    read settings from a TOML file; without it all have their defaults\n"
        "  --check-config   say whether the settings are usable, and exit: 0 if they are, 2 if not\n"
        "  --print-config   print the settings in effect as TOML, secrets masked, and exit\n"
        "  --version        print the version, and exit\n"
        "  --help           print this, and exit\n"
        "\nAny setting can be given in the environment, which beats the file: MILLRACE_, section, key, in\n"
        "capitals with underscores. With nothing but a broker:\n\n  MILLRACE_KAFKA_BROKERS=127.0.0.1:9092 ";
    text += program(s) + "\n\nIt listens on " + (ingress ? "127.0.0.1:8080" : "127.0.0.1:8090");
    text += " unless http.listen says otherwise. SIGTERM or Ctrl-C ends it in order, a\n"
            "second one at once. Every setting: docs/configuration.md\n";
    return text;
}

std::string unknown_option(std::string_view given) {
    std::string text =
        (given.starts_with('-') ? "unknown option " : "unexpected argument ") + std::string(given);
    if (const auto near = nearest(given, option_names); !near.empty())
        text += "; did you mean " + std::string(near) + "?";
    return text;
}

command_line parse_command_line(int argc, const char* const* argv) {
    command_line out;
    for (int i = 1; i < argc && out.problem.empty(); ++i) {
        const std::string_view option = argv[i];
        if (option == "--help" || option == "-h")
            out.help = true;
        else if (option == "--version")
            out.version = true;
        else if (option == "--check-config")
            out.check = true;
        else if (option == "--print-config")
            out.print = true;
        else if (option == "--config" && i + 1 < argc)
            out.config = argv[++i];
        else if (option.starts_with("--config="))
            out.config = option.substr(std::string_view("--config=").size());
        else
            out.problem = option == "--config" ? "--config needs a file" : unknown_option(option);
    }
    return out;
}

std::string lines(const std::vector<std::string>& texts, std::string_view before) {
    std::string out;
    for (const std::string& text : texts)
        out.append(before).append(text).append("\n");
    return out;
}

loaded load_settings(service s, const command_line& options, const char* const* environment) {
    file settings;
    settings.http.listen = s == service::ingress ? "127.0.0.1:8080" : "127.0.0.1:8090";
    runtime::config config;
    declare(config, settings);
    if (options.config)
        config.read_file(*options.config);
    config.read_environment(environment, prefix);
    complete(config, settings);

    loaded out;
    out.warnings = lines(config.warnings(), "");
    if (const auto errors = config.errors(); !errors.empty()) {
        out.text = lines(errors, "");
        out.text += program(s) + ": " + std::to_string(errors.size()) +
                    (errors.size() == 1 ? " error" : " errors") + " in the configuration\n";
        out.exit_code = usage_error;
    } else if (options.check) {
        out.text = lines(config.warnings(), "warning: ") + "the configuration is usable\n";
    } else if (options.print) {
        out.text = config.to_toml();
    } else {
        out.settings = std::move(settings);
    }
    return out;
}

} // namespace

loaded load(service s, int argc, const char* const* argv, const char* const* environment) {
    try {
        const command_line options = parse_command_line(argc, argv);
        if (!options.problem.empty())
            return {std::nullopt, program(s) + ": " + options.problem + "\nTry --help.\n", usage_error, ""};
        if (options.help)
            return {std::nullopt, help_text(s), 0, ""};
        if (options.version)
            return {std::nullopt,
                    program(s) + " " + std::string(millrace::version()) + " (" +
                        std::string(millrace::commit()) + ")\n",
                    0, ""};
        return load_settings(s, options, environment);
    } catch (const std::exception& e) {
        return {std::nullopt, program(s) + ": " + e.what() + "\n", 1, ""};
    }
}

} // namespace millrace::settings

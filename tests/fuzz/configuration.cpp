// The configuration file: any text is taken or every mistake in it is said; what is printed reads back as the
// same.
#include "fuzz.hpp"
#include "millrace/core/text.hpp"
#include "millrace/runtime/config.hpp"
#include "schema.hpp"

#include <string>

using namespace millrace;

namespace {

struct reading {
    explicit reading(std::string_view toml) {
        file.http.listen = "127.0.0.1:8080"; // the ingress's default
        settings::declare(config, file);
        config.read_toml(toml, "fuzz.toml");
        settings::complete(config, file);
    }

    settings::file file; ///< outlives `config`, which is bound to it
    runtime::config config;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    if (text.find("_file") != std::string_view::npos)
        return 0; // no reading of whatever file the input names
    const reading first(text);
    if (!first.config.errors().empty()) {
        for (const std::string& e : first.config.errors())
            fuzz::expect(!e.empty(), "an error says something");
        return 0;
    }
    const std::string printed = first.config.to_toml();
    fuzz::expect(is_utf8(printed), "what is printed is UTF-8");
    const reading second(printed);
    for (const std::string& e : second.config.errors())
        std::fprintf(stderr, "%s\n", e.c_str());
    if (printed.find("\"***") == std::string::npos && printed.find("= \"*") == std::string::npos)
        fuzz::expect(second.config.errors().empty() && second.file == first.file,
                     "what is printed is read as the same");
    return 0;
}

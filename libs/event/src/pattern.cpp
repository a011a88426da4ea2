#include "pattern.hpp"

#include <re2/re2.h>

namespace millrace::event {
namespace {

constexpr std::size_t max_source_bytes = 4096;
constexpr int max_program = 20'000; // RE2's instructions: what matching costs at worst grows with them

} // namespace

std::unique_ptr<const pattern> pattern::compile(std::string_view ecma, std::string& problem) {
    if (ecma.size() > max_source_bytes) {
        problem = "it is longer than " + std::to_string(max_source_bytes) + " bytes";
        return nullptr;
    }
    problem.clear();
    const std::string translated = to_re2(ecma, problem);
    if (!problem.empty())
        return nullptr;
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    auto compiled = std::make_unique<const re2::RE2>(translated, options);
    if (!compiled->ok()) {
        problem = compiled->error();
        return nullptr;
    }
    if (compiled->ProgramSize() > max_program) {
        problem = "its repetitions make it too large";
        return nullptr;
    }
    const auto size = static_cast<std::size_t>(compiled->ProgramSize());
    return std::unique_ptr<const pattern>(new pattern(ecma, std::move(compiled), size));
}

pattern::pattern(std::string_view source, std::unique_ptr<const re2::RE2> made, std::size_t size)
    : source_(source), compiled_(std::move(made)), size_(size) {}

pattern::~pattern() = default;

bool pattern::found_in(std::string_view text) const {
    return re2::RE2::PartialMatch({text.data(), text.size()}, *compiled_);
}

} // namespace millrace::event

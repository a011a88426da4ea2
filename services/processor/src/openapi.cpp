#include "openapi.hpp"

#include "millrace/http/standard_pages.hpp"

#include <string_view>

namespace millrace::processor {
namespace {

constexpr std::string_view document =
#include "embedded/openapi.json.inc"
    ;

} // namespace

void say_openapi(http::exchange& e) {
    http::respond_json(e, document);
}

} // namespace millrace::processor

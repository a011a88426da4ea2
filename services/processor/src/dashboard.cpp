#include "dashboard.hpp"

#include <array>
#include <string_view>

namespace millrace::processor {
namespace {

struct file {
    std::string_view path;
    std::string_view content_type;
    std::string_view body;
};

constexpr std::string_view html = "text/html; charset=utf-8";
constexpr std::string_view css = "text/css; charset=utf-8";
constexpr std::string_view script = "text/javascript; charset=utf-8";

constexpr std::array files = {
    file{
        "/",
        html,
#include "embedded/index.html.inc"
    },
    file{
        "/dashboard/style.css",
        css,
#include "embedded/style.css.inc"
    },
    file{
        "/dashboard/parts.css",
        css,
#include "embedded/parts.css.inc"
    },
    file{
        "/dashboard/icon.svg",
        "image/svg+xml",
#include "embedded/icon.svg.inc"
    },
    file{
        "/dashboard/main.js",
        script,
#include "embedded/main.js.inc"
    },
    file{
        "/dashboard/page.js",
        script,
#include "embedded/page.js.inc"
    },
    file{
        "/dashboard/live.js",
        script,
#include "embedded/live.js.inc"
    },
    file{
        "/dashboard/charts.js",
        script,
#include "embedded/charts.js.inc"
    },
    file{
        "/dashboard/overview.js",
        script,
#include "embedded/overview.js.inc"
    },
    file{
        "/dashboard/partitions.js",
        script,
#include "embedded/partitions.js.inc"
    },
    file{
        "/dashboard/letters.js",
        script,
#include "embedded/letters.js.inc"
    },
    file{
        "/dashboard/receipts.js",
        script,
#include "embedded/receipts.js.inc"
    },
    file{
        "/dashboard/admin.js",
        script,
#include "embedded/admin.js.inc"
    },
};

// Nothing but what this program serves, no markup that data could bring, in no other page's frame.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

void serve(http::exchange& e, const file& f) {
    const field headers[] = {{"Content-Security-Policy", policy},
                             {"X-Content-Type-Options", "nosniff"},
                             {"X-Frame-Options", "DENY"},
                             {"Referrer-Policy", "no-referrer"},
                             {"Cross-Origin-Opener-Policy", "same-origin"},
                             {"Cross-Origin-Resource-Policy", "same-origin"},
                             {"Cache-Control", "no-cache"}};
    e.respond({.status = 200, .content_type = f.content_type, .body = f.body, .headers = headers});
}

} // namespace

void add_dashboard(http::router& to) {
    for (const file& f : files)
        to.add("GET", f.path, [&f](http::exchange& e) { serve(e, f); });
}

} // namespace millrace::processor

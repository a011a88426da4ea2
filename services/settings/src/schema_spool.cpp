// The keys of the ingress's spool.
#include "rules.hpp"
#include "schema.hpp"

namespace millrace::settings {

void declare_spool(runtime::config_section root, file& to) {
    constexpr std::uint64_t tebibyte = 1'099'511'627'776;
    constexpr std::uint64_t year_s = 31'536'000;
    auto s = root.section("spool", "Where the ingress keeps events while Kafka cannot be reached.");
    s.text("path", to.spool.path,
           {.doc = "File of its database, on a local disk, of this instance alone; it is made where it is "
                   "missing, with two more beside it. No spool where empty."});
    s.number("max_bytes", to.spool.max_bytes,
             {"Bytes of events that wait in it; beyond it 503.", 1'048'576, tebibyte, "bytes"});
    s.number(
        "max_age_seconds", to.spool.max_age_seconds,
        {"While its oldest event has waited for longer, new ones are refused with 503. Nothing that is in "
         "it is ever dropped.",
         1, year_s, "s"});
    s.number(
        "max_receipts", to.spool.max_receipts,
        {"Events that were in it and can still be asked for; beyond it the oldest goes.", 0, 100'000'000});
    s.number("receipt_seconds", to.spool.receipt_seconds, {"How long they can be.", 1, year_s, "s"});
    s.text("receipt_url", to.spool.receipt_url,
           {.doc = "Base of `status_url` and `Location` of what is in it: this ingress as its clients reach "
                   "it, an http or https URL. A path without a host where empty.",
            .check = url_problem});
}

} // namespace millrace::settings

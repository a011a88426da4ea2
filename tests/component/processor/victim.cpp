// A processor to be killed: like millrace-processor, but that a short session lets the group go on soon.
#include "millrace/processor/service.hpp"
#include "millrace/settings/settings.hpp"

int main(int argc, char** argv) {
    using namespace millrace;
    if (argc != 2)
        return 2;
    settings::file s;
    s.http.listen = "127.0.0.1:0";
    s.kafka.brokers = argv[1];
    s.topics["events"] = {};
    s.processor.session_timeout_ms = 4'000;
    processor::service(s).run(true);
}

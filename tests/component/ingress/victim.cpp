// An ingress to be killed: its brokers, its spool, and the file that it writes its port to.
#include "millrace/ingress/service.hpp"
#include "millrace/settings/settings.hpp"

#include <filesystem>
#include <fstream>
#include <string>

int main(int argc, char** argv) {
    using namespace millrace;
    if (argc != 4)
        return 2;
    settings::file s;
    s.http.listen = "127.0.0.1:0";
    s.kafka.brokers = argv[1];
    s.spool.path = argv[2];
    s.topics["events"] = {};
    ingress::service service(s);
    const std::string file = argv[3];
    std::ofstream(file + ".new") << service.port() << '\n';
    std::filesystem::rename(file + ".new", file);
    service.run(true);
}

#include "spool_fixture.hpp"

#include "../kafka/publisher_fixture.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

namespace millrace::test {

scratch_folder::scratch_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "millrace-spool-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
}

scratch_folder::~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

http_answer post_event(std::uint16_t port, const std::string& id, const std::string& key,
                       const std::string& body) {
    return post(port, key.empty() ? "/v1/events" : "/v1/events?key=" + key, "application/json", body,
                "Idempotency-Key: " + id + "\r\n");
}

double metric(std::uint16_t port, std::string_view name) {
    const std::string page = get(port, "/metrics").body;
    const std::string line = "\n" + std::string(name) + " ";
    const auto at = page.find(line);
    return at == std::string::npos ? -1 : std::strtod(page.c_str() + at + line.size(), nullptr);
}

bool drained(std::uint16_t port) {
    return eventually([&] { return metric(port, "millrace_ingress_spool_events") == 0; });
}

std::vector<stored_event> all_events(const kafka::mock_cluster& cluster, const std::string& topic) {
    std::vector<stored_event> out;
    for (const auto& record : kafka::test::read_all(cluster, topic)) {
        stored_event e{.key = record.key.value_or(""), .value = record.value.value_or("")};
        e.partition = record.partition;
        for (const auto& [name, value] : record.headers)
            if (name == "ce_id")
                e.id = value;
        out.push_back(std::move(e));
    }
    return out;
}

} // namespace millrace::test

// A folder of a test's own, and what a spool's tests ask again and again.
#pragma once

#include "fixture.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace millrace::test {

/// A new folder; gone, with all that is in it, at the end.
class scratch_folder {
  public:
    scratch_folder();
    ~scratch_folder();
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    std::string path(std::string_view name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

/// One plain event with an id of its own; `key` may be empty.
http_answer post_event(std::uint16_t port, const std::string& id, const std::string& key = {},
                       const std::string& body = "{}");

/// The value of a metric without labels; -1 where it is not there.
double metric(std::uint16_t port, std::string_view name);

/// Until everything in the spool is published; false after 20 s.
bool drained(std::uint16_t port);

/// Every record of a topic, partition by partition, as they lie there.
struct stored_event {
    std::string id;
    std::string key;
    std::string value;
    int partition = 0;
};
std::vector<stored_event> all_events(const kafka::mock_cluster& cluster, const std::string& topic);

} // namespace millrace::test

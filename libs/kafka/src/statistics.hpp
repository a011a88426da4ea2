// What is read from the JSON that librdkafka makes once a second. Not part of the interface.
#pragma once

#include <string>
#include <string_view>

namespace millrace::kafka {

struct statistics {
    int brokers_up = 0;
    int brokers_known = 0;  ///< those of the cluster's metadata, else the bootstrap servers
    std::string join_state; ///< of the consumer group; empty where there is none
};

/// Nothing is known where the text is not librdkafka's.
statistics read_statistics(std::string_view json);

} // namespace millrace::kafka

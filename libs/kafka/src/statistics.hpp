// What is read from the JSON that librdkafka makes once a second. Not part of the interface.
#pragma once

#include "leader_watch.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::kafka {

struct statistics {
    int brokers_up = 0;
    std::uint64_t received_bytes = 0; ///< from all brokers, since the client's start
    int brokers_known = 0;            ///< those of the cluster's metadata, else the bootstrap servers
    std::string join_state;           ///< of the consumer group; empty where there is none

    // Of the connections to all brokers. The durations are averages over the interval of the statistics; 0
    // where nothing was measured.
    std::uint64_t requests_waiting = 0; ///< to be sent, or sent and not answered
    std::uint64_t request_errors = 0;   ///< these three since the client's start
    std::uint64_t request_retries = 0;
    std::uint64_t request_timeouts = 0;
    std::uint64_t queue_us = 0; ///< of a message, until it is put into a request
    std::uint64_t round_trip_us = 0;
    std::uint64_t throttle_us = 0; ///< by which brokers held back their answers
};

/// Nothing is known where the text is not librdkafka's. `leaders`, where given, gets those of the partitions
/// that the client has to do with.
statistics read_statistics(std::string_view json, partition_leaders* leaders = nullptr);

} // namespace millrace::kafka

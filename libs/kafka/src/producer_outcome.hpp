// What librdkafka's report on a record says about its fate.
#pragma once

#include "millrace/core/error.hpp"

#include <librdkafka/rdkafka.h>

namespace millrace::kafka {

/// No error: stored. Otherwise an error of kafka_category() as publisher.hpp promises it. The one rule above
/// all others: what may have been stored is never called not stored. `led_by_another`: the leader of a
/// partition has changed while the record was on its way (leader_watch.hpp), so librdkafka's own errors say
/// nothing of its fate.
error_code outcome(rd_kafka_resp_err_t error, rd_kafka_msg_status_t status,
                   bool led_by_another = false) noexcept;

} // namespace millrace::kafka

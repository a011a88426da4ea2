// Handing one record to librdkafka. Not part of the interface.
#pragma once

#include "handles.hpp"
#include "millrace/kafka/record.hpp"

namespace millrace::kafka {

/// Copies the record into librdkafka's queue; `opaque` comes back with its report. Never blocks.
rd_kafka_resp_err_t produce(rd_kafka_t& client, rd_kafka_topic_t& to, const outgoing& record, void* opaque);

} // namespace millrace::kafka

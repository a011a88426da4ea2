// What the pipeline counts. Written on its loop, readable from any thread.
#pragma once

#include "millrace/runtime/metrics.hpp"

namespace millrace::processor {

struct pipeline_metrics {
    runtime::counter received;
    runtime::counter processed;
    runtime::counter retried;
    runtime::counter dead_lettered;
    runtime::counter duplicates;
    runtime::counter
        discarded; ///< under way when their partition was given up: the next owner handles them again
    runtime::counter reread; ///< before the committed offset, to know duplicates of them
    runtime::counter
        recalled; ///< finished by an earlier owner beyond what it could commit: not handled again
    runtime::counter partitions_lost;
    runtime::counter overlapped_lost; ///< a handler had them when their partition was lost
    runtime::counter overlapped_late; ///< and when it was given up because time was up
    runtime::counter commits;
    runtime::counter commit_failures;
    runtime::counter logs_replaced;        ///< partitions started over because their log is another one
    runtime::counter throttles;            ///< times that a partition's fetching was paused
    runtime::latency_histogram end_to_end; ///< from the record's timestamp until it was processed
    runtime::latency_histogram handling;   ///< of one attempt
};

} // namespace millrace::processor

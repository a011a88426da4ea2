// What all loops of an ingress share. Read-only after start, but for atomics.
#pragma once

#include "answers.hpp"
#include "idempotency_window.hpp"
#include "millrace/core/clock.hpp"
#include "millrace/settings/settings.hpp"
#include "rules.hpp"
#include "spool.hpp"
#include "topics.hpp"

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace millrace::ingress {

class worker;

struct shared_state {
    shared_state(const settings::file& from, std::shared_ptr<const ingress::rules> made)
        : settings(from),
          rules(std::move(made)),
          topics(from),
          receipts(from.ingress.processor_url, from.spool.receipt_url),
          window({std::chrono::seconds(from.idempotency.window_seconds), from.idempotency.max_entries,
                  from.idempotency.max_bytes},
                 from.http.threads),
          started(steady_clock::now()) {
        if (!from.spool.path.empty())
            spool = std::make_unique<ingress::spool>(settings, topics, window);
    }

    settings::file settings;                     ///< of the start
    std::shared_ptr<const ingress::rules> rules; ///< of the start: each worker has its own
    ingress::topics topics;
    receipt_writer receipts;
    idempotency_window window; ///< what the workers' requests hold in it, they hold until they are gone
    std::unique_ptr<ingress::spool> spool; ///< null: there is none
    steady_time started;
    std::vector<std::unique_ptr<worker>> workers; ///< one a loop; fixed before the first of them runs
};

} // namespace millrace::ingress

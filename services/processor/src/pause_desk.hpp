// POST /v1/pause and /v1/resume: everything, or one partition.
#pragma once

#include "admin_gate.hpp"
#include "millrace/http/request.hpp"
#include "pipeline.hpp"
#include "topic_keeper.hpp"

#include <memory>

namespace millrace::processor {

/// Lives on the loop; answers at once.
class pause_desk {
  public:
    /// All arguments outlive it.
    pause_desk(const std::unique_ptr<pipeline>& events, const topic_keeper& topics, const admin_gate& gate)
        : events_(events), topics_(topics), gate_(gate) {}

    void pause(http::exchange& e) { receive(e, true); }
    void resume(http::exchange& e) { receive(e, false); }

  private:
    void receive(http::exchange& e, bool pause);

    const std::unique_ptr<pipeline>& events_; ///< none after the drain
    const topic_keeper& topics_;
    const admin_gate& gate_;
};

} // namespace millrace::processor

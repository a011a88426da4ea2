// One redrive from its order to its end: look what there is, take over from others, look again, publish
// copies in transactions. docs/adr/0011.
#pragma once

#include "millrace/kafka/cluster.hpp"
#include "millrace/kafka/transactor.hpp"
#include "millrace/settings/settings.hpp"
#include "redrive_copy.hpp"
#include "redrive_order.hpp"
#include "redrive_plan.hpp"
#include "redrive_report.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace millrace::processor {

/// Lives on the loop, and does one thing at a time there: each question to Kafka has a deadline and one
/// answer. Destroy it after it has called `done`.
class redrive_job {
  public:
    /// All arguments outlive it. `logs` are the dead-letter partitions to look through.
    redrive_job(boost::asio::io_context& loop, kafka::cluster& cluster, kafka::transactor& transactor,
                const settings::file& settings, std::vector<topic_partition> logs, redrive_order order,
                std::function<void()> done);

    void start();
    /// Ends soon: at the next step.
    void stop();

    const redrive_report& report() const noexcept { return report_; }

  private:
    static constexpr milliseconds question_deadline{5'000};
    static constexpr std::int64_t survey_step = 20'000; ///< records of one question: others have their turn

    struct survey_piece;
    struct batch;
    using batch_ptr = std::shared_ptr<batch>;

    // redrive_survey.cpp
    void ask_ranges();
    void ask_ends();
    void begin_survey();
    void survey(std::size_t log);
    bool take(std::size_t log, const survey_piece& piece);
    void surveyed();
    void open();
    void settle_doubt();
    void count();

    // redrive_job.cpp
    void next_batch();
    void wait_for_turn();
    void gather();
    std::size_t batch_size() const noexcept;
    void publish(const batch_ptr& b);
    void published(const batch_ptr& b, const kafka::transaction_outcome& out);
    void not_stored(const batch_ptr& b, const kafka::transaction_outcome& out);
    void trouble(error_code error, std::string detail);
    void finish(redrive_report::state as, error_code error = {}, std::string detail = {});

    boost::asio::steady_timer timer_;
    kafka::cluster& cluster_;
    kafka::transactor& transactor_;
    const settings::file& settings_;
    redrive_order order_;
    redrive_plan plan_;
    redrive_report report_;
    std::function<void()> done_;

    std::vector<kafka::log_range> ranges_; ///< of the plan's logs
    record_offset position_{};             ///< in the log that is read
    std::size_t log_ = 0;                  ///< whose letters are published
    bool opened_ = false;                  ///< no other client of the group redrives now
    std::vector<letter_place> in_doubt_;   ///< stored or not, all of them or none: the next survey tells
    std::size_t in_doubt_log_ = 0;         ///< of these
    std::size_t suspects_ = 0;             ///< letters to publish one by one: one of them is refused
    unsigned troubles_ = 0;                ///< in a row
    steady_time began_;                    ///< publishing, for the rate
    std::uint64_t published_ = 0;          ///< since then
    bool stopping_ = false;
};

} // namespace millrace::processor

// The mock cluster serves from threads of its own; the loop here only waits for a signal.
#include "millrace/devbroker/run.hpp"

#include "millrace/kafka/mock_cluster.hpp"
#include "millrace/runtime/signals.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <stdexcept>

namespace millrace::devbroker {
namespace {

/// The address in a file, for as long as it is true. A reader sees all of it or no file.
class bootstrap_file {
  public:
    bootstrap_file(std::filesystem::path path, const std::string& address) : path_(std::move(path)) {
        if (path_.empty())
            return;
        std::filesystem::path unfinished = path_;
        unfinished += ".new";
        std::ofstream out(unfinished, std::ios::trunc);
        out << address << '\n';
        out.close();
        std::error_code problem;
        if (out)
            std::filesystem::rename(unfinished, path_, problem);
        if (!out || problem)
            throw std::runtime_error("cannot write the bootstrap file " + path_.string());
    }
    ~bootstrap_file() {
        std::error_code gone_already;
        if (!path_.empty())
            std::filesystem::remove(path_, gone_already);
    }
    bootstrap_file(const bootstrap_file&) = delete;
    bootstrap_file& operator=(const bootstrap_file&) = delete;

  private:
    std::filesystem::path path_;
};

void announce(std::ostream& out, const std::string& address, const options& with) {
    out << "millrace-devbroker listens on " << address << "\n";
    out << "topics:";
    for (const auto& topic : with.topics)
        out << ' ' << topic.name << ':' << topic.partitions;
    out << "\nlimits: in memory, lost at the end; at most 5 MiB or 100,000 batches a partition, then the "
           "oldest are "
           "silently dropped; for programs on this machine only; no administration\n"
        << std::flush;
}

} // namespace

void run(const options& with, std::ostream& out) {
    boost::asio::io_context loop{1};
    auto until_stopped = boost::asio::make_work_guard(loop);
    // Before the announcement: who reads it may send a signal at once.
    runtime::signals signals(loop, [&] {
        until_stopped.reset();
        signals.release();
    });
    kafka::mock_cluster cluster;
    for (const auto& topic : with.topics)
        cluster.create_topic(topic.name, topic.partitions);
    const std::string address = cluster.bootstrap_servers();
    const bootstrap_file file(with.bootstrap_file, address);
    announce(out, address, with);
    loop.run();
}

} // namespace millrace::devbroker

// The process as /proc shows it, by the names that every Prometheus client library uses. A few small reads.
#include "millrace/core/clock.hpp"
#include "millrace/core/text.hpp"
#include "millrace/runtime/metrics.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <vector>

namespace millrace::runtime {
namespace {

std::string slurp(const char* path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The fields of /proc/self/stat from the third on (proc(5)); the second, the name, may hold anything.
std::vector<std::string> stat_fields() {
    const std::string text = slurp("/proc/self/stat");
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos)
        return {};
    std::istringstream rest(text.substr(name_end + 1));
    return {std::istream_iterator<std::string>(rest), {}};
}

std::optional<double> stat_number(const std::vector<std::string>& fields, std::size_t number_in_manual) {
    const std::size_t at = number_in_manual - 3;
    return at < fields.size() ? parse_number<double>(fields[at]) : std::nullopt;
}

double ticks_per_second() {
    return static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::optional<double> start_time_seconds(const std::vector<std::string>& fields) {
    const auto started = stat_number(fields, 22);
    double uptime = 0.0;
    if (!started || !(std::istringstream(slurp("/proc/uptime")) >> uptime))
        return std::nullopt;
    return static_cast<double>(system_now().value) / 1000.0 - uptime + *started / ticks_per_second();
}

std::optional<std::uint64_t> open_descriptors() {
    // Since Linux 6.2 the size of the directory is their number; counting 10,000 entries costs milliseconds.
    struct stat directory{};
    if (::stat("/proc/self/fd", &directory) == 0 && directory.st_size > 0)
        return static_cast<std::uint64_t>(directory.st_size);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir("/proc/self/fd"), &::closedir);
    if (!entries)
        return std::nullopt;
    std::uint64_t n = 0;
    while (const dirent* entry = ::readdir(entries.get()))
        n += entry->d_name[0] != '.';
    return n - 1; // without the one that reads the directory
}

using kind = exposition::kind;

constexpr metric cpu{kind::counter, "process_cpu_seconds", "", "CPU time in user and kernel mode."};
constexpr metric start_time{kind::gauge, "process_start_time_seconds", "",
                            "Start of the process since the Unix epoch."};
constexpr metric virtual_memory{kind::gauge, "process_virtual_memory_bytes", "", "Virtual memory."};
constexpr metric resident_memory{kind::gauge, "process_resident_memory_bytes", "", "Resident memory."};
constexpr metric open_fds{kind::gauge, "process_open_fds", "", "Open file descriptors."};
constexpr metric max_fds{kind::gauge, "process_max_fds", "", "Limit of open file descriptors."};

constexpr std::array all = {cpu, start_time, virtual_memory, resident_memory, open_fds, max_fds};

} // namespace

void write_process_metrics(exposition& to) {
    const auto write = [&to](const metric& m, auto value) {
        if (!value)
            return; // what /proc does not tell is left out, never written as 0
        to.family(m);
        to.sample(*value);
    };
    const auto fields = stat_fields();
    static const auto started = start_time_seconds(fields);

    const auto user = stat_number(fields, 14);
    const auto system = stat_number(fields, 15);
    write(cpu, user && system ? std::optional((*user + *system) / ticks_per_second()) : std::nullopt);
    write(start_time, started);
    write(virtual_memory, stat_number(fields, 23));
    std::optional<double> resident = stat_number(fields, 24);
    if (resident)
        *resident *= static_cast<double>(::sysconf(_SC_PAGESIZE));
    write(resident_memory, resident);
    write(open_fds, open_descriptors());
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
        write(max_fds, std::optional<std::uint64_t>(limit.rlim_cur));
}

std::span<const metric> process_metrics() noexcept {
    return all;
}

} // namespace millrace::runtime

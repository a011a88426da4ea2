// What a burst leaves free does not stay resident.
#include "millrace/runtime/spare_memory.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <vector>

using namespace std::chrono_literals;

namespace {

// Nobody gives back what the sanitizers' heaps keep.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool heap_gives_back = false;
#else
constexpr bool heap_gives_back = true;
#endif

std::size_t resident_pages() {
    std::size_t size = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> size >> resident;
    return resident;
}

} // namespace

TEST_CASE("memory that is free before what is still used is given back") {
    constexpr std::size_t block = 1'024, blocks = 65'536, page = 4'096;
    std::vector<std::unique_ptr<char[]>> burst;
    for (std::size_t i = 0; i < blocks; ++i)
        burst.push_back(std::make_unique<char[]>(block));
    const auto last = std::move(burst.back());
    burst.clear();
    const std::size_t before = resident_pages();

    boost::asio::io_context loop;
    millrace::runtime::spare_memory spare(loop, 1ms);
    loop.run_one_for(10s);
    if (heap_gives_back)
        CHECK(resident_pages() + block * blocks / page / 2 < before);

    spare.release();
    loop.run_for(10s);
    CHECK(loop.stopped());
}

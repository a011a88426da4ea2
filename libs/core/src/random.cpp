#include "millrace/core/random.hpp"

#include <random>

namespace millrace {

fast_random::fast_random() {
    std::random_device device;
    state_ = (std::uint64_t{device()} << 32) | device();
}

} // namespace millrace

#include "millrace/runtime/spare_memory.hpp"

#include <malloc.h>

namespace millrace::runtime {

void spare_memory::wait() {
    timer_.expires_after(every_);
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled || released_)
            return;
        ::malloc_trim(0);
        wait();
    });
}

} // namespace millrace::runtime

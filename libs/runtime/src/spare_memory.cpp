#include "millrace/runtime/spare_memory.hpp"

#include <malloc.h>

/// Of gperftools' malloc_extension_c.h, where the program has that allocator.
extern "C" [[gnu::weak]] void MallocExtension_ReleaseFreeMemory();

namespace millrace::runtime {

void spare_memory::wait() {
    timer_.expires_after(every_);
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled || released_)
            return;
        if (MallocExtension_ReleaseFreeMemory != nullptr)
            MallocExtension_ReleaseFreeMemory();
        else
            ::malloc_trim(0);
        wait();
    });
}

} // namespace millrace::runtime

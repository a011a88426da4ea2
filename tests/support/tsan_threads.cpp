// C11's threads on POSIX threads, for programs under ThreadSanitizer: it knows only the latter, and a thread
// that librdkafka starts with thrd_create crashes in its first allocation.
#include <pthread.h>
#include <threads.h>

#include <cstdint>
#include <memory>

namespace {

struct start {
    thrd_start_t function;
    void* argument;
};

void* run(void* raw) {
    const std::unique_ptr<start> of(static_cast<start*>(raw));
    return reinterpret_cast<void*>(static_cast<std::intptr_t>(of->function(of->argument)));
}

} // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
    auto of = std::make_unique<start>(start{function, argument});
    if (pthread_create(thread, nullptr, run, of.get()) != 0)
        return thrd_error;
    static_cast<void>(of.release());
    return thrd_success;
}

int thrd_join(thrd_t thread, int* result) {
    void* returned = nullptr;
    if (pthread_join(thread, &returned) != 0)
        return thrd_error;
    if (result != nullptr)
        *result = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
    return thrd_success;
}

} // extern "C"

// What is written to standard error, for tests of what is said there.
#pragma once

#include "millrace/runtime/log.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

namespace millrace::test {

/// Takes it while it lives; nothing of it is seen elsewhere.
class captured_log {
  public:
    captured_log() : file_(std::tmpfile(), std::fclose), kept_(::dup(STDERR_FILENO)) {
        REQUIRE(file_);
        ::dup2(::fileno(file_.get()), STDERR_FILENO);
    }
    ~captured_log() {
        runtime::flush_log();
        ::dup2(kept_, STDERR_FILENO);
        ::close(kept_);
    }
    captured_log(const captured_log&) = delete;
    captured_log& operator=(const captured_log&) = delete;

    /// So far, a mebibyte at most.
    std::string text() const {
        runtime::flush_log();
        std::string all(1 << 20, '\0');
        const auto size = ::pread(::fileno(file_.get()), all.data(), all.size(), 0);
        all.resize(static_cast<std::size_t>(std::max<ssize_t>(0, size)));
        return all;
    }

  private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    int kept_;
};

} // namespace millrace::test

// What /version says about this build.
#pragma once

#include <string_view>

namespace millrace {

std::string_view version() noexcept; ///< semantic version, "0.1.0"
std::string_view commit() noexcept;  ///< first twelve digits of the git commit, or "unknown"

} // namespace millrace

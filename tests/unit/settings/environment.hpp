// What the tests of the settings share: loading a text under a given environment.
#pragma once

#include "millrace/settings/load.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace millrace::settings::test {

/// A file that goes with its scope.
class temporary_file {
  public:
    explicit temporary_file(const std::string& content)
        : path_(std::filesystem::temp_directory_path() / ("millrace-settings-" + std::to_string(::getpid()) +
                                                          "-" + std::to_string(++made_) + ".toml")) {
        std::ofstream(path_, std::ios::binary) << content;
    }
    ~temporary_file() { std::filesystem::remove(path_); }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;

    std::string path() const { return path_.string(); }

  private:
    static inline int made_ = 0;
    std::filesystem::path path_;
};

using words = std::vector<std::string>;

inline loaded load_words(const words& options, const words& variables = {}, service s = service::ingress) {
    std::vector<const char*> argv = {"program"};
    for (const std::string& o : options)
        argv.push_back(o.c_str());
    std::vector<const char*> envp;
    for (const std::string& v : variables)
        envp.push_back(v.c_str());
    envp.push_back(nullptr);
    return load(s, static_cast<int>(argv.size()), argv.data(), envp.data());
}

/// Loads a file of that text; the file's path is cut out of the messages, which start with "LINE: " then.
inline loaded load_text(const std::string& toml, const words& variables = {}, words options = {},
                        service s = service::ingress) {
    const temporary_file file(toml);
    options.insert(options.end(), {"--config", file.path()});
    loaded out = load_words(options, variables, s);
    for (auto at = out.text.find(file.path()); at != std::string::npos; at = out.text.find(file.path()))
        out.text.erase(at, file.path().size() + 1);
    return out;
}

} // namespace millrace::settings::test

// Keys and certificates made for one test, as PEM files of a folder that goes with it.
#pragma once

#include "millrace/http/tls.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace millrace::http::testing {

struct certificate_wish {
    std::vector<std::string> common_names;
    std::string issuer; ///< name of an authority made before; empty: signs itself
    bool authority = false;
    std::string alternative_names = {}; ///< e.g. "DNS:a,IP:127.0.0.1"
    std::string purpose = {};           ///< e.g. "serverAuth"; empty: any
    long from_s = -3'600;               ///< validity, from now
    long until_s = 86'400;
    int rsa_bits = 0; ///< 0: a key on P-256
};

class certificates {
  public:
    certificates();
    ~certificates();
    certificates(const certificates&) = delete;
    certificates& operator=(const certificates&) = delete;

    /// Writes NAME.pem and NAME.key.
    void make(const std::string& name, const certificate_wish& wish);
    void write(const std::string& file, const std::string& text) const;
    std::string path(const std::string& file) const { return (folder_ / file).string(); }

    /// The context of NAME; throws where it cannot be loaded.
    std::shared_ptr<tls_context> context(const std::string& name, const std::string& client_ca = {}) const;

  private:
    std::filesystem::path folder_;
    long serial_ = 0;
};

} // namespace millrace::http::testing

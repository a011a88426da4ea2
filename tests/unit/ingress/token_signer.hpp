// Makes keys and signs tokens with them, right and wrong ones, as an issuer would.
#pragma once

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace millrace::test {

class token_signer {
  public:
    enum class kind { rs256, es256, eddsa };

    explicit token_signer(kind of, unsigned rsa_bits = 2048);

    /// The public key as a JWK without `kid`, `use` and `alg`.
    nlohmann::json jwk() const;

    /// HEADER.PAYLOAD.SIGNATURE of the texts as they are.
    std::string sign(std::string_view header, std::string_view payload) const;

    /// One of each kind, made once.
    static const token_signer& rsa();
    static const token_signer& ec();
    static const token_signer& ed();

  private:
    std::string signature_of(std::string_view text) const;
    std::string number(const char* name) const;

    kind kind_;
    std::shared_ptr<void> key_;
};

} // namespace millrace::test

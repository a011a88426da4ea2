// Where a database is, from its URL: what libpq is told, which names have to be resolved first, and what must
// never be shown. No I/O.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::sql {

/// The parameters of libpq by their names.
using postgres_parameters = std::map<std::string, std::string>;

class postgres_target {
  public:
    /// Nothing where libpq cannot read the URL. libpq's own words are not passed on: they repeat it.
    static std::optional<postgres_target> parse(const std::string& url);

    /// Host names that libpq would resolve itself, and block meanwhile. No addresses, no folders of sockets.
    std::vector<std::string> names() const;

    /// The parameters, with the addresses that were found for each name: every address is a host to be tried.
    /// A name without addresses is left out. Nothing where no host is left.
    std::optional<postgres_parameters>
    with_addresses(const std::map<std::string, std::vector<std::string>>& found) const;

    /// The text on one line, with `********` in place of the URL and of what is secret in it.
    std::string mask(std::string_view text) const;

  private:
    struct host {
        std::string name; ///< as given; empty: libpq's default
        std::string port;
        bool to_resolve = false;
    };

    postgres_parameters parameters_;
    std::vector<host> hosts_; ///< none: libpq's default
    std::vector<std::string> secrets_;
};

} // namespace millrace::sql

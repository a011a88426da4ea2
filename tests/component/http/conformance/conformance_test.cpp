// Sends the cases of this folder; README.md says how they are written.
#include "http/fixture.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

namespace {

struct step {
    std::string verb;
    std::string text;
};

struct conformance_case {
    std::string name; ///< with its file and the section that decides it
    std::vector<step> steps;
};

std::string octets_of(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        switch (text.at(++i)) {
        case 'r':
            out += '\r';
            break;
        case 'n':
            out += '\n';
            break;
        case 't':
            out += '\t';
            break;
        case '0':
            out += '\0';
            break;
        case '\\':
            out += '\\';
            break;
        case 'x':
            out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
            break;
        default:
            throw std::runtime_error("unknown escape in: " + text);
        }
    }
    return out;
}

std::vector<conformance_case> cases_of(const std::filesystem::path& file) {
    std::vector<conformance_case> cases;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line[0] == '#')
            continue;
        const std::size_t space = line.find(' ');
        step s{line.substr(0, space), space == std::string::npos ? "" : line.substr(space + 1)};
        if (s.verb == "case")
            cases.push_back({file.filename().string() + ": " + s.text, {}});
        else
            cases.at(cases.size() - 1).steps.push_back(std::move(s));
    }
    return cases;
}

/// One case on one connection.
class run {
  public:
    explicit run(std::uint16_t port) : client_(port) {}

    void take(const step& s) {
        if (s.verb == "line")
            unsent_ += octets_of(s.text) + "\r\n";
        else if (s.verb == "send")
            unsent_ += octets_of(s.text);
        else if (s.verb == "fill")
            fill(s.text);
        else if (s.verb == "finish")
            finish();
        else if (s.verb == "want")
            want(s.text);
        else if (s.verb == "with")
            CHECK(last_.header(s.text.substr(0, s.text.find(':'))) ==
                  (s.text.ends_with(':') ? "" : s.text.substr(s.text.find(": ") + 2)));
        else if (s.verb == "body")
            CHECK(last_.body == s.text);
        else
            throw std::runtime_error("unknown verb: " + s.verb);
    }

    /// A connection that goes on takes one more request, and nothing was left over before it.
    void end() {
        if (closed_)
            return;
        send();
        client_.send(post("/echo", "one more"));
        CHECK(client_.read().body == "one more");
    }

  private:
    void fill(const std::string& text) {
        const std::size_t space = text.find(' ');
        std::string all;
        for (int n = std::stoi(text.substr(0, space)); n > 0; --n)
            all += octets_of(text.substr(space + 1));
        unsent_ += all;
    }

    // In one piece: what the server answers may depend on what is there already.
    void send() { client_.send(std::exchange(unsent_, {})); }

    void finish() {
        send();
        client_.finish();
    }

    void want(const std::string& text) {
        send();
        std::istringstream words(text);
        for (std::string word; words >> word;) {
            if (word == "closed") {
                client_.finish();
                CHECK(client_.ended());
                closed_ = true;
                continue;
            }
            last_ = client_.read(word.ends_with("head"));
            CHECK(std::to_string(last_.status) == word.substr(0, 3));
            if (last_.status >= 400 && !word.ends_with("head"))
                CHECK(!last_.code().empty());
        }
    }

    client client_;
    std::string unsent_;
    answer last_;
    bool closed_ = false;
};

} // namespace

TEST_CASE("HTTP, case by case") {
    test_server s;
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(MILLRACE_CASES)) {
        if (entry.path().extension() != ".cases")
            continue;
        for (const conformance_case& c : cases_of(entry.path())) {
            CAPTURE(c.name);
            CHECK(c.name.find(": RFC ") != std::string::npos);
            run r(s.port());
            for (const step& each : c.steps)
                r.take(each);
            r.end();
            ++count;
        }
    }
    CHECK(count > 150);
    CHECK(eventually([&] { return s.stats().connections_open == 0; }));
    CHECK(s.stats().buffered_body_bytes == 0);
}

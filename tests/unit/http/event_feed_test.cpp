// The words of server-sent events, and the frame of a piece.
#include "millrace/http/event_feed.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace millrace;
using namespace millrace::http;

namespace {

/// Keeps what it is sent; its stream goes when it is told.
class follower final : public exchange, public answer_stream {
  public:
    const http::request& request() const noexcept override { return request_; }
    void respond(const response& r) override { status = r.status; }
    answer_stream* open(const response& r, stream_owner& by) override {
        status = r.status;
        owner = &by;
        return this;
    }
    void send(stream_piece_ptr piece) override { pieces.emplace_back(piece->octets()); }
    void end() override { ended = true; }

    unsigned status = 0;
    stream_owner* owner = nullptr;
    std::vector<std::string> pieces;
    bool ended = false;

  private:
    http::request request_;
};

} // namespace

TEST_CASE("an event of any number of lines") {
    struct row {
        std::string data;
        std::string lines;
    };
    for (const row& r : {row{"one", "data: one\n"},
                         {"", "data: \n"},
                         {"a\nb", "data: a\ndata: b\n"},
                         {"a\r\nb\rc\n", "data: a\ndata: b\ndata: c\ndata: \n"},
                         {"\n", "data: \ndata: \n"},
                         {"event: x", "data: event: x\n"}}) {
        CAPTURE(r.data);
        follower f;
        event_feed feed(1);
        feed.receive(f);
        feed.publish("news", r.data);
        REQUIRE(f.pieces.size() == 2);
        CHECK(f.pieces[1] == "retry: 2000\nevent: news\n" + r.lines + "\n");
    }
}

TEST_CASE("a piece is one chunk") {
    CHECK(stream_piece("x").chunk() == "1\r\nx\r\n");
    const stream_piece long_one(std::string(300, 'y'));
    CHECK(long_one.chunk() == "12c\r\n" + std::string(300, 'y') + "\r\n");
    CHECK(long_one.octets() == std::string(300, 'y'));
}

TEST_CASE("all who follow get the same piece; who has gone gets none") {
    event_feed feed(2);
    follower a;
    follower b;
    follower c;
    feed.receive(a);
    feed.receive(b);
    feed.receive(c);
    CHECK(a.status == 200);
    CHECK(c.status == 503);
    CHECK(feed.followers() == 2);
    a.owner->on_gone(a);
    feed.publish("n", "1");
    CHECK(a.pieces.size() == 1);
    CHECK(b.pieces.size() == 2);
    feed.receive(c);
    CHECK(c.status == 200);
    CHECK(c.pieces.at(0).find("data: 1\n") != std::string::npos); // the last one at once
    feed.close();
    CHECK(b.ended);
    CHECK(c.ended);
    CHECK_FALSE(a.ended);
    CHECK(feed.followers() == 0);
}

TEST_CASE("a feed that goes ends its streams") {
    follower f;
    {
        event_feed feed(1);
        feed.receive(f);
        CHECK_FALSE(f.ended);
    }
    CHECK(f.ended);
}

// One client's connection: reads a request, has it handled, writes the answer, and again. Callbacks on one
// loop; the table of the host owns it, and it leaves when it is closed, no operation is under way and no
// exchange unanswered.
#pragma once

#include "handler_memory.hpp"
#include "host.hpp"
#include "socket.hpp"

#include <string>
#include <utility>

namespace millrace::http {

/// Has to agree with its client before the first request.
template <class Stream>
concept with_handshake = requires(Stream s) { s.subject(); };

/// `Stream` has async_read_some, async_write_some and lowest_layer, on the loop's own executor, and
/// write_at_once and say_goodbye as a socket_type has.
template <class Stream>
class connection final : public connection_base, private exchange, private answer_stream {
  public:
    connection(connection_host& host, Stream stream, std::string peer)
        : host_(host),
          stream_(std::move(stream)),
          peer_(std::move(peer)),
          reader_({host.config.max_header_bytes, host.config.max_body_bytes}, host.budget) {
        request_.peer = peer_;
    }
    ~connection() override { tell_owner(); }

    void start() override;
    void on_deadline() override;
    void begin_drain() override;
    void cut_off() override {
        close();
        leave();
    }
    void write_answer() override;
    void after_answer() override;
    bool settled() const noexcept override { return !reading_ && !writing_; }

  private:
    enum class stage { handshaking, reading, continuing, handling, writing, streaming, lingering };

    static constexpr milliseconds linger_time{2'000};
    static constexpr milliseconds drain_grace{1'000}; ///< for a client that seems about to ask
    static constexpr std::size_t linger_bytes = 4'194'304;
    static constexpr std::size_t kept_output = 1'024;

    const http::request& request() const noexcept override {
        request_.parameters = parameters_;
        return request_;
    }
    void respond(const response& answer) override;
    answer_stream* open(const response& head, stream_owner& owner) override;
    void send(stream_piece_ptr piece) override;
    void end() override;

    void on_handshake(const error_code& ec);
    void refuse_handshake();
    void read();
    void on_read(const error_code& ec, std::size_t bytes);
    void on_end(const error_code& ec);
    void step();
    void send_continue();
    void dispatch(steady_time received);
    void refuse(const problem& p);
    void fill_request(steady_time received);
    void begin_answer(const response& answer, body_framing framing, bool close_after);
    void write();
    void on_written(const error_code& ec, std::size_t bytes);
    void observe_answer();
    void next_request();
    void write_piece(stream_piece_ptr piece);
    void on_piece_written();
    void tell_owner() noexcept;
    void end_stream();
    void finish_stream();
    void on_heard_while_streaming(const error_code& ec, std::size_t bytes);
    void linger();
    void on_discarded(const error_code& ec, std::size_t bytes);
    void close();
    void leave();

    connection_host& host_;
    handler_memory read_memory_;
    handler_memory write_memory_;
    Stream stream_; ///< gone before the memory of what is under way on it
    std::string peer_;
    message_reader reader_;
    stage stage_ = stage::reading;
    bool reading_ = false;     ///< async_read_some, or the handshake, is under way
    bool writing_ = false;     ///< async_write_some is under way
    bool unanswered_ = false;  ///< a handler has the exchange
    bool dispatching_ = false; ///< a handler is on the stack
    bool observed_ = true;     ///< the observer knows of the latest answer
    bool fresh_ = true;        ///< no request was answered yet
    bool closed_ = false;
    bool close_after_ = false;
    steady_time idle_since_{}; ///< by the sweep's clock
    steady_time started_{};
    steady_time answered_{};

    mutable http::request request_; ///< its parameters follow the vector below
    std::vector<std::string_view> parameters_;
    std::string_view route_;
    unsigned status_ = 0;
    std::string out_;
    std::string_view sending_; ///< of out_ or piece_
    std::size_t written_ = 0;  ///< of it
    std::size_t written_before_ = 0;
    std::size_t at_once_ = 0; ///< what `write_answer` wrote
    error_code at_once_error_;
    std::size_t discarded_ = 0;

    // While streaming.
    stream_owner* owner_ = nullptr; ///< none: it need not hear of the end
    stream_piece_ptr piece_;        ///< on its way
    stream_piece_ptr waiting_piece_;
    bool ending_ = false; ///< after what is on its way
};

} // namespace millrace::http

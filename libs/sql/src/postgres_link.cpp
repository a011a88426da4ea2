// libpq, chapters "Asynchronous Command Processing" and "Database Connection Control Functions"
// (PQconnectStartParams).
#include "postgres_link.hpp"

#include <boost/asio/post.hpp>

#include <unistd.h>

#include <utility>
#include <vector>

namespace millrace::sql {
namespace {

using descriptor = boost::asio::posix::stream_descriptor;

// An error that the server did not say: of the connection, as a rule, whose end PQstatus tells after the last
// result.
constexpr const char* libpqs_own = "08000"; // connection_exception

// The default writes to standard error.
void ignore_notice(void*, const char*) {}

} // namespace

postgres_link::postgres_link(boost::asio::io_context& loop, lost on_lost)
    : loop_(loop),
      on_lost_(std::move(on_lost)),
      deadline_(loop),
      self_(std::make_shared<postgres_link*>(this)) {}

postgres_link::~postgres_link() {
    *self_ = nullptr;
    close();
}

void postgres_link::close() noexcept {
    phase_ = phase::closed;
    ++epoch_;
    deadline_.cancel();
    socket_.reset();
    connection_.reset();
    opened_ = nullptr;
    replied_ = nullptr;
}

void postgres_link::open(const postgres_parameters& parameters, milliseconds deadline, opened done) {
    close();
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : parameters) {
        names.push_back(name.c_str());
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    opened_ = std::move(done);
    phase_ = phase::connecting;
    arm(deadline, "no connection within " + std::to_string(deadline.count()) + " ms");
    connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
    if (!connection_ || PQstatus(connection_.get()) == CONNECTION_BAD)
        return boost::asio::post(loop_, [this, self = self_, epoch = epoch_] {
            if (*self != nullptr && epoch == epoch_)
                end(connection_ ? PQerrorMessage(connection_.get()) : "out of memory");
        });
    PQsetNoticeProcessor(connection_.get(), ignore_notice, nullptr);
    watch_socket();
    wait(false, true);
}

void postgres_link::arm(milliseconds deadline, std::string why) {
    deadline_.expires_after(deadline);
    deadline_.async_wait([this, self = self_, why = std::move(why)](const error_code& cancelled) {
        if (!cancelled && *self != nullptr && deadline_.expiry() <= steady_clock::now() &&
            phase_ != phase::closed && phase_ != phase::idle)
            end(why);
    });
}

// While it connects, libpq may go from one socket to the next.
void postgres_link::watch_socket() {
    ++epoch_;
    reading_ = writing_ = false;
    socket_.reset();
    const int copy = ::dup(PQsocket(connection_.get()));
    if (copy >= 0)
        socket_.emplace(loop_, copy);
}

void postgres_link::wait(bool read, bool write) {
    if (!socket_)
        return boost::asio::post(loop_, [this, self = self_, epoch = epoch_] {
            if (*self != nullptr && epoch == epoch_)
                end("no descriptor is left for the connection");
        });
    const auto on_event = [this](bool postgres_link::* waiting) {
        return [this, waiting, self = self_, epoch = epoch_](const error_code&) {
            if (*self == nullptr || epoch != epoch_)
                return;
            this->*waiting = false;
            advance();
        };
    };
    if (read && !std::exchange(reading_, true))
        socket_->async_wait(descriptor::wait_read, on_event(&postgres_link::reading_));
    if (write && !std::exchange(writing_, true))
        socket_->async_wait(descriptor::wait_write, on_event(&postgres_link::writing_));
}

void postgres_link::advance() {
    if (phase_ == phase::connecting)
        return connect_on();
    if (PQconsumeInput(connection_.get()) == 0)
        return end(PQerrorMessage(connection_.get()));
    if (phase_ == phase::asking)
        return take_results();
    // Nothing was asked: a notice, or the server's last word.
    while (PQisBusy(connection_.get()) == 0) {
        PGresult* const r = PQgetResult(connection_.get());
        if (r == nullptr)
            break;
        PQclear(r);
    }
    if (PQstatus(connection_.get()) == CONNECTION_BAD)
        return end(PQerrorMessage(connection_.get()));
    wait(true, false);
}

void postgres_link::connect_on() {
    const PostgresPollingStatusType now = PQconnectPoll(connection_.get());
    if (now == PGRES_POLLING_FAILED)
        return end(PQerrorMessage(connection_.get()));
    watch_socket();
    if (now != PGRES_POLLING_OK)
        return wait(now == PGRES_POLLING_READING, now == PGRES_POLLING_WRITING);
    if (PQsetnonblocking(connection_.get(), 1) != 0)
        return end("the connection cannot be made non-blocking");
    phase_ = phase::idle;
    deadline_.cancel();
    wait(true, false);
    const opened done = std::exchange(opened_, nullptr);
    done(std::nullopt);
}

void postgres_link::ask(const std::string& sql, milliseconds deadline, replied done) {
    begin_asking(PQsendQuery(connection_.get(), sql.c_str()) == 1, deadline, std::move(done));
}

void postgres_link::ask(const std::string& sql, const postgres_columns& parameters, milliseconds deadline,
                        replied done) {
    std::vector<const char*> values;
    std::vector<int> lengths;
    for (const std::string& v : parameters.values) {
        values.push_back(v.data());
        lengths.push_back(static_cast<int>(v.size()));
    }
    const std::vector<int> formats(values.size(), 1); // binary
    const int sent =
        PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()),
                          parameters.types.data(), values.data(), lengths.data(), formats.data(), 0);
    begin_asking(sent == 1, deadline, std::move(done));
}

void postgres_link::begin_asking(bool sent, milliseconds deadline, replied done) {
    phase_ = phase::asking;
    reply_ = {};
    replied_ = std::move(done);
    if (sent)
        arm(deadline, "no answer within " + std::to_string(deadline.count()) + " ms");
    boost::asio::post(loop_, [this, self = self_, epoch = epoch_, sent] {
        if (*self == nullptr || epoch != epoch_ || phase_ != phase::asking)
            return;
        if (sent)
            take_results();
        else
            end(PQerrorMessage(connection_.get()));
    });
}

void postgres_link::take_results() {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0)
        return end(PQerrorMessage(connection_.get()));
    while (PQisBusy(connection_.get()) == 0) {
        const std::unique_ptr<PGresult, void (*)(PGresult*)> r(PQgetResult(connection_.get()), PQclear);
        if (r) {
            collect(*r);
            continue;
        }
        if (PQstatus(connection_.get()) == CONNECTION_BAD)
            return end(PQerrorMessage(connection_.get()));
        phase_ = phase::idle;
        deadline_.cancel();
        wait(true, false);
        const replied done = std::exchange(replied_, nullptr);
        const postgres_reply said = std::move(reply_);
        return done(said);
    }
    wait(true, unsent > 0);
}

void postgres_link::collect(PGresult& r) {
    switch (PQresultStatus(&r)) {
    case PGRES_TUPLES_OK:
        reply_.value.reset();
        if (PQntuples(&r) > 0 && PQnfields(&r) > 0 && PQgetisnull(&r, 0, 0) == 0)
            reply_.value.emplace(PQgetvalue(&r, 0, 0), static_cast<std::size_t>(PQgetlength(&r, 0, 0)));
        break;
    case PGRES_COMMAND_OK: {
        const std::string tuples = PQcmdTuples(&r);
        reply_.affected = tuples.empty() ? 0 : std::stoull(tuples);
        break;
    }
    default:
        if (!reply_.sqlstate.empty())
            break; // the first one is the reason
        const char* const code = PQresultErrorField(&r, PG_DIAG_SQLSTATE);
        const char* const primary = PQresultErrorField(&r, PG_DIAG_MESSAGE_PRIMARY);
        reply_.sqlstate = code != nullptr ? code : libpqs_own;
        reply_.message = primary != nullptr ? primary : PQresultErrorMessage(&r);
    }
}

// The connection is of no use any more.
void postgres_link::end(const std::string& why) {
    const phase was = phase_;
    const opened on_open = std::exchange(opened_, nullptr);
    const replied on_reply = std::exchange(replied_, nullptr);
    postgres_reply said = std::move(reply_);
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): it may be of what `close` frees
    const std::string reason = why;
    close();
    if (was == phase::connecting)
        return on_open(reason);
    if (was != phase::asking)
        return on_lost_(reason);
    said.lost = true;
    if (said.message.empty())
        said.message = reason;
    on_reply(said);
}

} // namespace millrace::sql

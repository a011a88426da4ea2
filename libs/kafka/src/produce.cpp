#include "produce.hpp"

#include <array>
#include <span>
#include <string_view>

namespace millrace::kafka {
namespace {

headers_ptr copy_headers(std::span<const field> fields) {
    headers_ptr headers(rd_kafka_headers_new(fields.size()));
    for (const auto& [name, value] : fields)
        rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                            static_cast<ssize_t>(value.size()));
    return headers;
}

rd_kafka_vu_t bytes(rd_kafka_vtype_t type, std::string_view of) {
    rd_kafka_vu_t vu{};
    vu.vtype = type;
    // librdkafka copies (MSG_F_COPY) and only reads; a null pointer would be a Kafka null.
    vu.u.mem.ptr = const_cast<char*>(of.data() != nullptr ? of.data() : "");
    vu.u.mem.size = of.size();
    return vu;
}

} // namespace

rd_kafka_resp_err_t produce(rd_kafka_t& client, rd_kafka_topic_t& to, const outgoing& record, void* opaque) {
    headers_ptr headers = copy_headers(record.headers);

    std::array<rd_kafka_vu_t, 8> vus{}; // without a value or a key among them, librdkafka sends a null
    vus[0].vtype = RD_KAFKA_VTYPE_RKT;
    vus[0].u.rkt = &to;
    vus[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    vus[1].u.i32 = record.partition ? value(*record.partition) : RD_KAFKA_PARTITION_UA;
    vus[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    vus[2].u.i = RD_KAFKA_MSG_F_COPY;
    vus[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    vus[3].u.i64 = record.timestamp.value;
    vus[4].vtype = RD_KAFKA_VTYPE_HEADERS;
    vus[4].u.headers = headers.get();
    vus[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    vus[5].u.ptr = opaque;
    std::size_t count = 6;
    if (record.value)
        vus[count++] = bytes(RD_KAFKA_VTYPE_VALUE, *record.value);
    if (record.key)
        vus[count++] = bytes(RD_KAFKA_VTYPE_KEY, *record.key);

    rd_kafka_error_t* error = rd_kafka_produceva(&client, vus.data(), count);
    if (error == nullptr) {
        static_cast<void>(headers.release()); // the record's now
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    const auto code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    return code;
}

} // namespace millrace::kafka

// What a message says is read from librdkafka's own memory.
#include "millrace/kafka/record.hpp"

#include <librdkafka/rdkafka.h>

namespace millrace::kafka {
namespace {

std::string_view bytes(const void* data, std::size_t size) noexcept {
    return {static_cast<const char*>(data), size};
}

} // namespace

void message::destroy() noexcept {
    rd_kafka_message_destroy(native_);
}

std::string_view message::topic() const noexcept {
    return rd_kafka_topic_name(native_->rkt);
}

partition_id message::partition() const noexcept {
    return partition_id{native_->partition};
}

record_offset message::offset() const noexcept {
    return record_offset{native_->offset};
}

unix_ms message::timestamp() const noexcept {
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const auto ms = rd_kafka_message_timestamp(native_, &type);
    return {type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : ms};
}

std::optional<std::string_view> message::key() const noexcept {
    if (native_->key == nullptr)
        return std::nullopt;
    return bytes(native_->key, native_->key_len);
}

std::optional<std::string_view> message::value() const noexcept {
    if (native_->payload == nullptr)
        return std::nullopt;
    return bytes(native_->payload, native_->len);
}

std::size_t message::size() const noexcept {
    return native_->key_len + native_->len;
}

void message::headers(std::vector<field>& to) const {
    rd_kafka_headers_t* list = nullptr; // stays the message's
    if (rd_kafka_message_headers(native_, &list) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return; // none, or not readable: a record without headers
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
        to.push_back({name, bytes(value, size)});
}

} // namespace millrace::kafka

// What lies in Kafka is anybody's: records with headers that claim to be CloudEvents. Input: the key ("-":
// none), headers, an empty line, the value.
#include "millrace/event/record.hpp"
#include "fuzz.hpp"
#include "millrace/core/text.hpp"
#include "millrace/processor/log_identity.hpp"

using namespace millrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::input in = fuzz::read(data, size);
    const std::vector<field> headers = in.fields(1);
    static event::record_reader reader;
    const auto read =
        reader.read({in.line(0) == "-" ? std::nullopt : std::optional(in.line(0)), in.body, headers});
    if (read.has_value()) {
        for (const std::string_view text : {read->id, read->source, read->type})
            fuzz::expect(is_utf8(text), "attributes are UTF-8");
        fuzz::expect(!read->cloud_event ||
                         (!read->id.empty() && !read->source.empty() && !read->type.empty()),
                     "a CloudEvent has id, source and type");
    } else {
        fuzz::expect(!read.error().detail.empty(), "a dead letter says why it is one");
    }
    // Metadata of a commit is read back too, whoever wrote it.
    if (const auto witness = processor::parse_witness(in.line(0))) {
        const auto again = processor::parse_witness(processor::to_metadata(*witness));
        fuzz::expect(again && *again == *witness, "a witness that was written can be read");
    }
    return 0;
}

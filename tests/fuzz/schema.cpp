// A JSON Schema and data that is checked against it: both come from people. Input: the schema in one line, an
// empty line, the data.
#include "millrace/event/schema.hpp"
#include "fuzz.hpp"
#include "millrace/event/json.hpp"

#include <string>

using namespace millrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::input in = fuzz::read(data, size);
    static event::json_checker json(16);
    if (!json.check(in.body)) {
        fuzz::expect(json.error().offset <= in.body.size() && !json.error().detail.empty(),
                     "what is no JSON is said with its place");
        return 0;
    }
    std::string problem;
    const auto schema = event::schema::parse(in.line(0), problem);
    fuzz::expect((schema == nullptr) == !problem.empty(), "a schema is taken, or it is said why not");
    if (schema)
        fuzz::expect(schema->violations(in.body, 10).size() <= 10, "no more violations than asked for");
    return 0;
}

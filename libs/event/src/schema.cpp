// The face of JSON Schema to others: everything behind it is in the files schema_*.
#include "millrace/event/schema.hpp"

#include "schema_evaluation.hpp"
#include "schema_model.hpp"

#include <limits>

namespace millrace::event {

struct schema::impl {
    std::unique_ptr<const schema_model> model;
};

schema::schema(std::unique_ptr<const impl> made) : impl_(std::move(made)) {}
schema::~schema() = default;

std::shared_ptr<const schema> schema::parse(std::string_view text, std::string& problem) {
    auto model = compile_schema(text, problem);
    if (!model)
        return nullptr;
    return std::shared_ptr<const schema>(new schema(std::make_unique<const impl>(impl{std::move(model)})));
}

std::vector<violation> schema::violations(std::string_view json, std::size_t most) const {
    if (json.size() > std::numeric_limits<std::uint32_t>::max())
        return {{{}, "The data is too large to be held against a schema."}};
    return schema_evaluation(*impl_->model, json, most).run();
}

} // namespace millrace::event

// A millrace-processor with the handler of this folder in place of its own ones.
#include "order_totals.hpp"

#include <millrace/processor/program.hpp>

#include <unistd.h>

#include <memory>

int main(int argc, char** argv) {
    return millrace::processor::run_program(
        argc, argv, environ, [](boost::asio::io_context&) { return std::make_unique<order_totals>(); });
}

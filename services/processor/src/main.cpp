// millrace-processor: the program with the handlers that come with it.
#include "millrace/processor/program.hpp"

#include <unistd.h>

int main(int argc, char** argv) {
    return millrace::processor::run_program(argc, argv, environ);
}

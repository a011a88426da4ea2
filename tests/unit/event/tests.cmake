millrace_test(event LABEL unit
  SOURCES
    event/allocation_test.cpp
    event/batch_test.cpp
    event/binary_test.cpp
    event/forms_test.cpp
    event/idempotency_key_test.cpp
    event/json_test.cpp
    event/lines_test.cpp
    event/partition_test.cpp
    event/plain_test.cpp
    event/record_test.cpp
    event/structured_test.cpp
    event/trace_test.cpp
  LIBS millrace::event)

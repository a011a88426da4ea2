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
    event/schema_bounds_test.cpp
    event/schema_pattern_test.cpp
    event/schema_refusals_test.cpp
    event/schema_test.cpp
    event/structured_test.cpp
    event/trace_test.cpp
  LIBS millrace::event)

# Debian's package json-schema-test-suite; without it this test is missing, and nothing else.
find_path(MILLRACE_SCHEMA_SUITE draft7/type.json PATHS /usr/share/json-schema-test-suite/tests)
if(MILLRACE_SCHEMA_SUITE)
  millrace_test(event_schema_suite LABEL unit SOURCES event/schema_suite_test.cpp LIBS millrace::event)
  target_include_directories(test_event_schema_suite PRIVATE ${PROJECT_SOURCE_DIR}/libs/event/src)
  target_compile_definitions(test_event_schema_suite PRIVATE
    MILLRACE_SCHEMA_SUITE="${MILLRACE_SCHEMA_SUITE}/draft7"
    MILLRACE_SCHEMA_SUITE_LIST="${CMAKE_CURRENT_LIST_DIR}/schema_suite.txt")
endif()

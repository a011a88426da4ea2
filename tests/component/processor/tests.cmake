# The processor on the mock cluster, which lets a group wait for seconds at each change: several programs, side by side.
# millrace_processor_test(NAME SOURCES...)
function(millrace_processor_test name)
  list(TRANSFORM ARGN PREPEND processor/)
  millrace_test(processor_${name} LABEL component
    SOURCES ${ARGN} processor/fixture.cpp ../support/http_client.cpp
    LIBS millrace::processor_service millrace::kafka PkgConfig::rdkafka nlohmann_json::nlohmann_json Boost::headers)
  target_include_directories(test_processor_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support)
endfunction()

millrace_processor_test(path path_test.cpp held_test.cpp duplicates_test.cpp logs_test.cpp)
millrace_processor_test(receipts http_test.cpp by_id_test.cpp ends_test.cpp)
millrace_processor_test(groups group_test.cpp takeover_test.cpp stalls_test.cpp)
millrace_processor_test(orders pause_test.cpp redrive_test.cpp)

add_executable(processor_victim processor/victim.cpp)
target_link_libraries(processor_victim PRIVATE millrace::processor_service)
millrace_settings(processor_victim)
target_compile_definitions(test_processor_groups PRIVATE MILLRACE_VICTIM="$<TARGET_FILE:processor_victim>")
add_dependencies(test_processor_groups processor_victim)

millrace_test(processor_deliveries LABEL component SOURCES
  processor/deliveries_test.cpp processor/fixture.cpp ../support/http_client.cpp ../support/scripted_target.cpp
  LIBS millrace::processor_service millrace::kafka PkgConfig::rdkafka nlohmann_json::nlohmann_json Boost::headers)
target_include_directories(test_processor_deliveries PRIVATE ${PROJECT_SOURCE_DIR}/tests/support)

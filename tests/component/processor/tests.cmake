millrace_test(processor_service LABEL component SOURCES
  processor/by_id_test.cpp processor/ends_test.cpp processor/duplicates_test.cpp processor/fixture.cpp processor/group_test.cpp processor/http_test.cpp processor/logs_test.cpp
  processor/path_test.cpp processor/pause_test.cpp processor/redrive_test.cpp processor/stalls_test.cpp processor/takeover_test.cpp
  processor/held_test.cpp
  ../support/http_client.cpp
  LIBS millrace::processor_service millrace::kafka PkgConfig::rdkafka nlohmann_json::nlohmann_json Boost::headers)
target_include_directories(test_processor_service PRIVATE ${PROJECT_SOURCE_DIR}/tests/support)

add_executable(processor_victim processor/victim.cpp)
target_link_libraries(processor_victim PRIVATE millrace::processor_service)
millrace_settings(processor_victim)
target_compile_definitions(test_processor_service PRIVATE MILLRACE_VICTIM="$<TARGET_FILE:processor_victim>")
add_dependencies(test_processor_service processor_victim)

millrace_test(processor_deliveries LABEL component SOURCES
  processor/deliveries_test.cpp processor/fixture.cpp ../support/http_client.cpp ../support/scripted_target.cpp
  LIBS millrace::processor_service millrace::kafka PkgConfig::rdkafka nlohmann_json::nlohmann_json Boost::headers)
target_include_directories(test_processor_deliveries PRIVATE ${PROJECT_SOURCE_DIR}/tests/support)

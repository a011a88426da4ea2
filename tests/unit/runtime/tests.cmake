millrace_test(runtime LABEL unit
  SOURCES runtime/config_test.cpp runtime/descriptors_test.cpp runtime/line_writer_test.cpp runtime/log_test.cpp runtime/metrics_test.cpp runtime/signals_test.cpp runtime/spare_memory_test.cpp
  LIBS millrace::runtime nlohmann_json::nlohmann_json)
target_include_directories(test_runtime PRIVATE ${PROJECT_SOURCE_DIR}/libs/runtime/src ${PROJECT_SOURCE_DIR}/tests/support)
# The same with the allocator that the services have.
millrace_test(allocator LABEL unit
  SOURCES runtime/spare_memory_test.cpp
  LIBS millrace::allocator millrace::runtime Boost::headers)

millrace_test(devbroker LABEL component
  SOURCES devbroker/devbroker_test.cpp
  LIBS millrace::devbroker_service millrace::kafka Boost::headers Threads::Threads)
target_compile_definitions(test_devbroker PRIVATE MILLRACE_DEVBROKER="$<TARGET_FILE:millrace-devbroker>")
add_dependencies(test_devbroker millrace-devbroker)

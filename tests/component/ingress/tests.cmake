millrace_test(ingress_service LABEL component SOURCES
  ingress/access_test.cpp ingress/broker_faults_test.cpp ingress/fixture.cpp ingress/forms_test.cpp ingress/handshake_test.cpp ingress/hooks_test.cpp
  ingress/idempotency_test.cpp ingress/shutdown_test.cpp ingress/telemetry_test.cpp
  ../support/http_client.cpp
  LIBS millrace::ingress_service millrace::crypto millrace::event millrace::kafka millrace::runtime nlohmann_json::nlohmann_json Boost::headers)
target_include_directories(test_ingress_service PRIVATE ${PROJECT_SOURCE_DIR}/tests/support)

# A program of its own: these take longer than the rest.
millrace_test(ingress_spool LABEL component SOURCES
  ingress/spool_test.cpp ingress/spool_restart_test.cpp ingress/spool_fixture.cpp ingress/fixture.cpp
  kafka/publisher_read_all.cpp ../support/http_client.cpp
  LIBS millrace::ingress_service millrace::kafka PkgConfig::rdkafka nlohmann_json::nlohmann_json Boost::headers)
target_include_directories(test_ingress_spool PRIVATE ${PROJECT_SOURCE_DIR}/tests/support)

add_executable(ingress_victim ingress/victim.cpp)
target_link_libraries(ingress_victim PRIVATE millrace::ingress_service)
millrace_settings(ingress_victim)
target_compile_definitions(test_ingress_spool PRIVATE MILLRACE_VICTIM="$<TARGET_FILE:ingress_victim>")
add_dependencies(test_ingress_spool ingress_victim)

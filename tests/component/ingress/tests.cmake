millrace_test(ingress_service LABEL component SOURCES
  ingress/access_test.cpp ingress/broker_faults_test.cpp ingress/fixture.cpp ingress/forms_test.cpp ingress/handshake_test.cpp ingress/hooks_test.cpp
  ingress/idempotency_test.cpp ingress/shutdown_test.cpp ingress/telemetry_test.cpp
  ../support/http_client.cpp
  LIBS millrace::ingress_service millrace::crypto millrace::event millrace::kafka millrace::runtime nlohmann_json::nlohmann_json Boost::headers)
target_include_directories(test_ingress_service PRIVATE ${PROJECT_SOURCE_DIR}/tests/support)

millrace_test(http_server LABEL component
  SOURCES
    http/bodies_test.cpp
    http/fixture.cpp
    http/fixture_client.cpp
    http/lifecycle_test.cpp
    http/notes_test.cpp
    http/requests_test.cpp
    http/stream_test.cpp
    http/timeouts_test.cpp
  LIBS millrace::http nlohmann_json::nlohmann_json Boost::headers Threads::Threads)
millrace_test(http_tls LABEL component
  SOURCES
    http/certificates.cpp
    http/fixture.cpp
    http/fixture_client.cpp
    http/tls_client.cpp
    http/tls_context_test.cpp
    http/tls_mutual_test.cpp
    http/tls_test.cpp
  LIBS millrace::http nlohmann_json::nlohmann_json Boost::headers OpenSSL::SSL Threads::Threads)
millrace_test(http_conformance LABEL component
  SOURCES
    http/conformance/conformance_test.cpp
    http/fixture.cpp
    http/fixture_client.cpp
  LIBS millrace::http nlohmann_json::nlohmann_json Boost::headers Threads::Threads)
target_include_directories(test_http_conformance PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(test_http_conformance
  PRIVATE MILLRACE_CASES="${CMAKE_CURRENT_SOURCE_DIR}/http/conformance")
millrace_test(http_client LABEL component
  SOURCES
    http/certificates.cpp
    http/client_pool_test.cpp
    http/client_test.cpp
    http/client_tls_test.cpp
    http/fixture.cpp
    http/fixture_client.cpp
    ../support/scripted_target.cpp
  LIBS millrace::http nlohmann_json::nlohmann_json Boost::headers OpenSSL::SSL Threads::Threads)
target_include_directories(test_http_client
  PRIVATE ${PROJECT_SOURCE_DIR}/tests/support ${PROJECT_SOURCE_DIR}/libs/http/src)

millrace_test(ingress LABEL unit SOURCES
  ingress/admission_test.cpp ingress/answers_test.cpp ingress/descriptors_test.cpp ingress/event_headers_test.cpp
  ingress/idempotency_claims_test.cpp ingress/idempotency_identity_test.cpp ingress/idempotency_table_test.cpp
  ingress/idempotency_window_test.cpp
  ingress/publication_test.cpp
  LIBS millrace::ingress_service millrace::event millrace::http millrace::kafka millrace::runtime
       nlohmann_json::nlohmann_json Boost::headers)
target_include_directories(test_ingress PRIVATE ${PROJECT_SOURCE_DIR}/services/ingress/src)

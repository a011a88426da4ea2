millrace_test(ingress LABEL unit SOURCES
  ingress/access_test.cpp ingress/access_token_test.cpp ingress/client_address_test.cpp ingress/cors_test.cpp ingress/jwks_test.cpp ingress/jwt_test.cpp
  ingress/rate_limiter_test.cpp ingress/token_signer.cpp
  ingress/access_sampler_test.cpp ingress/admission_test.cpp ingress/answers_test.cpp ingress/event_headers_test.cpp
  ingress/hook_json_test.cpp ingress/hook_signature_test.cpp ingress/hook_test.cpp
  ingress/idempotency_claims_test.cpp ingress/idempotency_identity_test.cpp ingress/idempotency_table_test.cpp
  ingress/idempotency_window_test.cpp
  ingress/metrics_reference_test.cpp ingress/publication_test.cpp ingress/schema_check_test.cpp
  ingress/spool_order_test.cpp ingress/spool_rules_test.cpp
  ingress/webhook_handshake_test.cpp
  LIBS millrace::ingress_service millrace::crypto millrace::event millrace::http millrace::kafka millrace::runtime
       nlohmann_json::nlohmann_json Boost::headers OpenSSL::Crypto)
target_include_directories(test_ingress PRIVATE ${PROJECT_SOURCE_DIR}/services/ingress/src)
target_compile_definitions(test_ingress PRIVATE MILLRACE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

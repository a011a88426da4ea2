millrace_test(processor_core LABEL unit
  SOURCES
    processor/commit_notes_test.cpp
    processor/dedup_tail_test.cpp
    processor/dedup_window_test.cpp
    processor/event_hash_test.cpp
    processor/handler_test.cpp
    processor/history_test.cpp
    processor/key_scheduler_test.cpp
    processor/log_identity_test.cpp
    processor/minute_counts_test.cpp
    processor/name_table_test.cpp
    processor/offset_tracker_test.cpp
    processor/partition_test.cpp
    processor/pause_test.cpp
    processor/receipts_test.cpp
    processor/recent_ids_test.cpp
    processor/recent_ring_test.cpp
    processor/retry_policy_test.cpp
    processor/snapshot_test.cpp
    processor/stall_watch_test.cpp
    processor/takeover_test.cpp
  LIBS millrace::processor_core nlohmann_json::nlohmann_json)
millrace_test(processor_requests LABEL unit
  SOURCES
    processor/receipt_request_test.cpp
  LIBS millrace::processor_service millrace::http)
target_include_directories(test_processor_requests PRIVATE ${PROJECT_SOURCE_DIR}/services/processor/src)
millrace_test(processor_admin LABEL unit
  SOURCES
    processor/admin_gate_test.cpp
    processor/letters_test.cpp
    processor/redrive_test.cpp
  LIBS millrace::processor_service millrace::crypto millrace::event millrace::http millrace::kafka millrace::runtime
       nlohmann_json::nlohmann_json Boost::headers)
target_include_directories(test_processor_admin PRIVATE ${PROJECT_SOURCE_DIR}/services/processor/src)
millrace_test(processor_delivery LABEL unit
  SOURCES
    processor/circuit_breaker_test.cpp
    processor/delivery_request_test.cpp
    processor/delivery_verdict_test.cpp
    processor/webhook_signer_test.cpp
  LIBS millrace::processor_service millrace::crypto millrace::http)
target_include_directories(test_processor_delivery PRIVATE ${PROJECT_SOURCE_DIR}/services/processor/src)

millrace_test(processor_core LABEL unit
  SOURCES
    processor/test_handler.cpp
    processor/test_history.cpp
    processor/test_key_scheduler.cpp
    processor/test_name_table.cpp
    processor/test_offset_tracker.cpp
    processor/test_partition.cpp
    processor/test_receipts.cpp
    processor/test_retry_policy.cpp
  LIBS millrace::processor_core)

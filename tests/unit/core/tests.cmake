millrace_test(core LABEL unit
  SOURCES core/clock_test.cpp core/hex_test.cpp core/keyed_hash_test.cpp core/text_test.cpp core/uuid_test.cpp
  LIBS millrace::core)

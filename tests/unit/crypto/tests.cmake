millrace_test(crypto LABEL unit
  SOURCES crypto/digest_test.cpp crypto/encoding_test.cpp crypto/public_key_test.cpp
  LIBS millrace::crypto)

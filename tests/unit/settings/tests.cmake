millrace_test(settings LABEL unit
  SOURCES settings/errors_test.cpp settings/load_test.cpp
  LIBS millrace::settings)

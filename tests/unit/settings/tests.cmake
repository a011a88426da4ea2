millrace_test(settings LABEL unit
  SOURCES settings/errors_test.cpp settings/http_handler_test.cpp settings/load_test.cpp settings/access_test.cpp settings/reference_test.cpp settings/reload_test.cpp settings/sql_handlers_test.cpp
  LIBS millrace::settings millrace::runtime)
target_compile_definitions(test_settings PRIVATE MILLRACE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

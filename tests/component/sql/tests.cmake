millrace_test(sql_stores LABEL component
  SOURCES sql/sqlite_database_test.cpp sql/sqlite_store_test.cpp
  LIBS millrace::sql SQLite::SQLite3 PkgConfig::libpq Boost::headers Threads::Threads)
target_include_directories(test_sql_stores PRIVATE ${PROJECT_SOURCE_DIR}/libs/sql/src)
millrace_test(sql_handler LABEL component
  SOURCES sql/handler_test.cpp sql/row_of_delivery_test.cpp
  LIBS millrace::processor_service millrace::sql nlohmann_json::nlohmann_json Boost::headers Threads::Threads)
target_include_directories(test_sql_handler PRIVATE ${PROJECT_SOURCE_DIR}/services/processor/src)

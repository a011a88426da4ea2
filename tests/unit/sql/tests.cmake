millrace_test(sql LABEL unit
  SOURCES
    sql/batcher_test.cpp
    sql/classify_test.cpp
    sql/postgres_columns_test.cpp
    sql/postgres_target_test.cpp
    sql/row_test.cpp
    sql/schema_test.cpp
  LIBS millrace::sql SQLite::SQLite3 PkgConfig::libpq Boost::headers)
target_include_directories(test_sql PRIVATE ${PROJECT_SOURCE_DIR}/libs/sql/src)

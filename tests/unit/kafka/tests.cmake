millrace_test(kafka LABEL unit
  SOURCES
    kafka/bounded_call_test.cpp
    kafka/client_config_test.cpp
    kafka/error_test.cpp
    kafka/lane_chooser_test.cpp
    kafka/producer_reach_test.cpp kafka/statistics_test.cpp
  LIBS millrace::kafka PkgConfig::rdkafka Boost::headers)
target_include_directories(test_kafka PRIVATE ${PROJECT_SOURCE_DIR}/libs/kafka/src)

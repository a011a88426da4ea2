millrace_test(kafka_publisher LABEL component
  SOURCES kafka/publisher_deliver_test.cpp kafka/publisher_error_test.cpp kafka/publisher_outage_test.cpp kafka/publisher_read_all.cpp
  LIBS millrace::kafka PkgConfig::rdkafka Boost::headers Threads::Threads)
millrace_test(kafka_consumer LABEL component
  SOURCES kafka/consumer_test.cpp kafka/consumer_pause_test.cpp kafka/consumer_close_test.cpp kafka/consumer_fixture.cpp
  LIBS millrace::kafka PkgConfig::rdkafka Boost::headers Threads::Threads)
millrace_test(kafka_cluster LABEL component
  SOURCES kafka/cluster_reading_test.cpp kafka/cluster_test.cpp kafka/consumer_fixture.cpp
  LIBS millrace::kafka PkgConfig::rdkafka Boost::headers Threads::Threads)
millrace_test(kafka_rebalance LABEL component
  SOURCES kafka/rebalance_test.cpp kafka/consumer_fixture.cpp
  LIBS millrace::kafka PkgConfig::rdkafka Boost::headers Threads::Threads)
millrace_test(kafka_transactor LABEL component
  SOURCES kafka/transactor_test.cpp kafka/consumer_fixture.cpp
  LIBS millrace::kafka PkgConfig::rdkafka Boost::headers Threads::Threads)

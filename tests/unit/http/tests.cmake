millrace_test(http LABEL unit
  SOURCES
    http/answer_test.cpp
    http/content_coding_test.cpp
    http/date_test.cpp
    http/event_feed_test.cpp
    http/message_reader_test.cpp
    http/problem_test.cpp
    http/reader_outcome.cpp
    http/refused_messages_test.cpp
    http/request_target_test.cpp
    http/response_reader_test.cpp
    http/router_test.cpp
    http/target_url_test.cpp
  LIBS millrace::http nlohmann_json::nlohmann_json Boost::headers ZLIB::ZLIB)
target_include_directories(test_http PRIVATE ${PROJECT_SOURCE_DIR}/libs/http/src)

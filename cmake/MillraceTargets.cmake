# How every target of this tree is made: warnings, sanitizers, hardening, header self-containment, tests.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

find_program(MILLRACE_CCACHE ccache)
if(MILLRACE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${MILLRACE_CCACHE}")
endif()

add_library(millrace_warnings INTERFACE)
target_compile_options(millrace_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wcast-align -Woverloaded-virtual -Wimplicit-fallthrough
  -Wno-missing-field-initializers -Werror)

add_library(millrace_sanitizers INTERFACE)
if(MILLRACE_SANITIZE STREQUAL "address")
  target_compile_options(millrace_sanitizers INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
    -Wno-maybe-uninitialized) # g++ warns falsely about what the sanitizers insert
  target_link_options(millrace_sanitizers INTERFACE -fsanitize=address,undefined)
elseif(MILLRACE_SANITIZE STREQUAL "thread")
  # asio uses atomic_thread_fence, which TSan does not model; g++ says so once per file.
  target_compile_options(millrace_sanitizers INTERFACE -fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
  target_link_options(millrace_sanitizers INTERFACE -fsanitize=thread)
elseif(MILLRACE_SANITIZE STREQUAL "fuzzer")
  target_compile_options(millrace_sanitizers INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
    -Wno-deprecated-declarations) # libstdc++ 12 uses in its own headers what it deprecates
  target_link_options(millrace_sanitizers INTERFACE -fsanitize=address,undefined)
elseif(NOT MILLRACE_SANITIZE STREQUAL "")
  message(FATAL_ERROR "MILLRACE_SANITIZE is '${MILLRACE_SANITIZE}'; use address, thread, fuzzer or nothing")
endif()

include(MillraceHardening)

# millrace_settings(target): the private flags that every target of ours has.
function(millrace_settings target)
  target_link_libraries(${target} PRIVATE millrace_warnings millrace_sanitizers millrace_hardening)
  get_target_property(type ${target} TYPE)
  if(MILLRACE_SANITIZE STREQUAL "thread" AND type STREQUAL "EXECUTABLE")
    target_sources(${target} PRIVATE ${millrace_SOURCE_DIR}/tests/support/tsan_threads.cpp)
  endif()
endfunction()

# millrace_library(NAME SOURCES ... HEADERS ... PUBLIC ... PRIVATE ...)
# Makes millrace_NAME with the alias millrace::NAME. Headers live in include/, are part of a file set, and
# each is compiled on its own to show that it includes what it uses.
function(millrace_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE" ${ARGN})
  set(target millrace_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(millrace::${name} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${arg_HEADERS})
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  millrace_settings(${target})
endfunction()

# millrace_test(NAME LABEL unit|component SOURCES ... LIBS ...)
# A doctest program, one ctest entry, named after the build's sanitizer so that builds can be run together.
function(millrace_test name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;LIBS" ${ARGN})
  set(target test_${name})
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_LIBS} millrace_test_main)
  millrace_settings(${target})
  set(prefix "")
  if(NOT MILLRACE_SANITIZE STREQUAL "")
    set(prefix "${MILLRACE_SANITIZE}.")
  endif()
  add_test(NAME ${prefix}${arg_LABEL}.${name} COMMAND ${target})
  set_tests_properties(${prefix}${arg_LABEL}.${name} PROPERTIES
    LABELS ${arg_LABEL} TIMEOUT 300
    ENVIRONMENT "TSAN_OPTIONS=suppressions=${millrace_SOURCE_DIR}/tests/support/tsan.supp:halt_on_error=1;UBSAN_OPTIONS=print_stacktrace=1")
endfunction()

# millrace_embed(TARGET FILE): FILE, a text with @VARIABLES@ of CMake, as a C++ string literal that TARGET's sources
# take in by `#include "embedded/NAME.inc"`. A change of FILE configures anew.
function(millrace_embed target file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  file(READ "${CMAKE_CURRENT_SOURCE_DIR}/${file}" text)
  string(CONFIGURE "${text}" text @ONLY)
  get_filename_component(name "${file}" NAME)
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/embedded/${name}.inc"
    CONTENT "R\"embedded(${text})embedded\"\n" @ONLY)
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
endfunction()

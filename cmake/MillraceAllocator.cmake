# millrace::allocator, which programs of ours are linked with: docs/adr/0019 says why. Sanitizers bring their own.
add_library(millrace_allocator INTERFACE)
add_library(millrace::allocator ALIAS millrace_allocator)
if(MILLRACE_SANITIZE STREQUAL "")
  pkg_check_modules(tcmalloc REQUIRED IMPORTED_TARGET libtcmalloc_minimal)
  target_link_libraries(millrace_allocator INTERFACE PkgConfig::tcmalloc)
  target_link_options(millrace_allocator INTERFACE LINKER:--no-as-needed) # no program calls it by name
endif()

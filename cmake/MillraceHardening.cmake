# What the compiler and the linker can do against bugs that became exploitable: docs/hardening.md says what each is for
# and what it costs. tests/deploy/test_hardening.py finds it in the built programs.
include(CheckCXXCompilerFlag)

option(MILLRACE_HARDENING "Compile and link with hardening; sanitizers have their own" ON)

add_library(millrace_hardening INTERFACE)
if(MILLRACE_HARDENING AND MILLRACE_SANITIZE STREQUAL "")
  check_cxx_compiler_flag(-ftrivial-auto-var-init=zero millrace_has_auto_var_init) # g++ 12, clang 16
  check_cxx_compiler_flag(-fstack-clash-protection millrace_has_stack_clash)
  check_cxx_compiler_flag(-fcf-protection=full millrace_has_cf_protection)          # x86
  check_cxx_compiler_flag(-mbranch-protection=standard millrace_has_branch_protection) # aarch64
  target_compile_options(millrace_hardening INTERFACE
    -fPIE -fstack-protector-strong
    $<$<BOOL:${millrace_has_auto_var_init}>:-ftrivial-auto-var-init=zero>
    $<$<BOOL:${millrace_has_stack_clash}>:-fstack-clash-protection>
    $<$<BOOL:${millrace_has_cf_protection}>:-fcf-protection=full>
    $<$<BOOL:${millrace_has_branch_protection}>:-mbranch-protection=standard>
    # glibc warns where nothing is optimised
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
  target_compile_definitions(millrace_hardening INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(millrace_hardening INTERFACE -pie LINKER:-z,relro,-z,now,-z,noexecstack)
endif()

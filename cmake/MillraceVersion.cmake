# The version and commit that /version reports. MILLRACE_COMMIT may be given where there is no git (Docker).
set(MILLRACE_COMMIT "" CACHE STRING "Commit to report; asked of git when empty")
set(millrace_commit "${MILLRACE_COMMIT}")
if(millrace_commit STREQUAL "")
  execute_process(COMMAND git rev-parse --short=12 HEAD WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    OUTPUT_VARIABLE millrace_commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed)
    set(millrace_commit "unknown")
  endif()
endif()

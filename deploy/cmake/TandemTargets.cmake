# Compiler flags that every hand-written target shares, and the functions that make a target.

add_library(tandem_flags INTERFACE)
target_compile_options(tandem_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wunused-result -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wno-psabi>
  -fstack-protector-strong)
if(NOT TANDEM_SANITIZE)
  target_compile_options(tandem_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()

if(TANDEM_SANITIZE)
  add_compile_options(-fsanitize=${TANDEM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TANDEM_SANITIZE})
endif()
if(TANDEM_FUZZ)
  # What libFuzzer steers by, in every line of ours that it may reach. clang's other warnings are no findings.
  add_compile_options(-fsanitize=fuzzer-no-link)
  target_compile_options(tandem_flags INTERFACE -Wno-error)
endif()
if(TANDEM_SANITIZE STREQUAL "thread")
  # Under the first macro protobuf's headers give every map two more members, which the packaged library knows
  # nothing of: maps would be read at wrong places. What the C++ library needs of it is in the second.
  add_compile_options(-U__SANITIZE_THREAD__ -D_GLIBCXX_TSAN=1)
  # The packaged Abseil's locks, made visible to the sanitizer: first among the libraries of every program.
  add_library(tandem_tsan_mutex SHARED ${CMAKE_SOURCE_DIR}/tests/support/tsan_mutex.cc)
  target_link_libraries(tandem_tsan_mutex PRIVATE absl::synchronization ${CMAKE_DL_LIBS} tandem_flags)
  link_libraries($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:tandem_tsan_mutex>)
endif()

# tandem_layer(NAME sources… DEPENDS libs…): the static library of one server layer. The include
# root is server/, so a header is named by its layer: #include "store/log.h".
function(tandem_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(tandem_${name} STATIC ${ARG_SOURCES})
  target_include_directories(tandem_${name} PUBLIC ${CMAKE_SOURCE_DIR}/server)
  target_link_libraries(tandem_${name} PUBLIC ${ARG_DEPENDS} PRIVATE tandem_flags)
endfunction()

# tandem_test(NAME SOURCES … DEPENDS … LABELS … ARGS …): one GoogleTest program and its ctest entry.
function(tandem_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPENDS;LABELS;ARGS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/server ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} GTest::gmock GTest::gtest_main tandem_flags)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()

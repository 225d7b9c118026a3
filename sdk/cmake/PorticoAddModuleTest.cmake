# portico_add_module_test(NAME SOURCES tests/a.c … [LIBRARIES …] [WITH MODULE …]
#                         [SUITE name] [DIRECTORY examples])
#
# Builds the tests of module NAME as tests/NAME_test.so below the build directory, and adds the CTest
# test NAME: `portico module test` over the module's own directory, with the modules of this project
# that it needs beside it. Comes after portico_add_module. SUITE names a further one of the same
# module: tests/NAME_SUITE_test.so and the CTest test module-NAME-SUITE.
function(portico_add_module_test name)
  cmake_parse_arguments(TEST "" "DIRECTORY;SUITE" "SOURCES;LIBRARIES;WITH" ${ARGN})
  set(suffix)
  if(TEST_SUITE)
    set(suffix _${TEST_SUITE})
  endif()
  set(target module_test_${name}${suffix})
  if(NOT TEST_DIRECTORY)
    set(TEST_DIRECTORY modules)
  endif()
  set(output ${PROJECT_BINARY_DIR}/tests)
  add_library(${target} MODULE ${TEST_SOURCES})
  target_compile_features(${target} PRIVATE c_std_17)
  target_compile_options(${target} PRIVATE -Wall -Wextra -fvisibility=hidden)
  target_link_libraries(${target} PRIVATE ${TEST_LIBRARIES})
  if(TARGET Portico::SDK)
    target_link_libraries(${target} PRIVATE Portico::SDK)
  else()
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/include)
  endif()
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name}${suffix}_test
                        LIBRARY_OUTPUT_DIRECTORY ${output})
  if(TARGET portico)
    set(program $<TARGET_FILE:portico>)
  else()
    find_program(PORTICO_PROGRAM portico HINTS "${PORTICO_SDK_PREFIX}/bin" REQUIRED)
    set(program ${PORTICO_PROGRAM})
  endif()
  set(with)
  if(TEST_WITH)
    list(TRANSFORM TEST_WITH PREPEND ${PROJECT_BINARY_DIR}/${TEST_DIRECTORY}/)
    list(JOIN TEST_WITH "," TEST_WITH)
    set(with --with ${TEST_WITH})
  endif()
  enable_testing()
  string(REPLACE "_" "-" suffix "${suffix}")
  add_test(NAME module-${name}${suffix}
           COMMAND ${program} module test ${PROJECT_BINARY_DIR}/${TEST_DIRECTORY}/${name}
                   --tests $<TARGET_FILE:${target}> ${with})
endfunction()

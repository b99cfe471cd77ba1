# The harness as its users meet it: the command line, against the built programs.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

# halfopen_cli_test(NAME FILE TIMEOUT): one unittest file, run with the programs' folder.
function(halfopen_cli_test NAME FILE TIMEOUT)
  add_test(NAME ${NAME} COMMAND "${Python3_EXECUTABLE}" "${CMAKE_CURRENT_SOURCE_DIR}/${FILE}" -v)
  set_tests_properties(
    ${NAME}
    PROPERTIES LABELS integration TIMEOUT ${TIMEOUT} ENVIRONMENT
               "HALFOPEN_BIN=${CMAKE_BINARY_DIR}/bin;HALFOPEN_SOURCE=${PROJECT_SOURCE_DIR}")
endfunction()

# The process leaves its pid namespace, so LeakSanitizer cannot make the child that it looks with.
halfopen_test(
  NAME harness_socket_oracle_test
  LABEL integration
  ENVIRONMENT ASAN_OPTIONS=detect_leaks=0
  SOURCES harness_socket_oracle_test.cpp
  LIBRARIES halfopen::shell)
include("${CMAKE_CURRENT_SOURCE_DIR}/harness_language.cmake")
halfopen_cli_test(harness.bad_input harness_bad_input_test.py 120)
halfopen_cli_test(harness.capture harness_capture_test.py 120)
halfopen_cli_test(harness.leaves_nothing harness_leaves_nothing_test.py 120)
halfopen_cli_test(harness.conformance harness_conformance_test.py 120)
halfopen_cli_test(harness.kernel_kill harness_kernel_kill_test.py 180)
# Counts what the kernel holds, which other tests change, too.
set_tests_properties(harness.kernel_kill PROPERTIES RUN_SERIAL ON)
halfopen_cli_test(harness.rootless harness_rootless_test.py 180)
halfopen_cli_test(scenarios.regression_library regression_library_test.py 20)

# The smoke scenarios, as anybody would run them. Run alone: times on a machine that is busy with
# other tests are what the runs' own heartbeat would complain about.
add_test(NAME smoke.clean COMMAND "${CMAKE_COMMAND}" -E rm -rf "${CMAKE_BINARY_DIR}/runs")
set_tests_properties(smoke.clean PROPERTIES LABELS smoke FIXTURES_SETUP smoke_runs)
include("${CMAKE_CURRENT_SOURCE_DIR}/regression.cmake")
add_test(NAME smoke.incident
         COMMAND halfopen run
                 "${PROJECT_SOURCE_DIR}/scenarios/incidents/2025-11-29-idle-broken-pipe.yaml" --out
                 "${CMAKE_BINARY_DIR}/runs/incident" --junit "${CMAKE_BINARY_DIR}/runs/incident.xml")
set_tests_properties(smoke.regression smoke.kernel_regression smoke.incident PROPERTIES LABELS smoke RUN_SERIAL ON TIMEOUT 600
                                                           FIXTURES_REQUIRED smoke_runs)
add_test(NAME smoke.conformance COMMAND halfopen conformance --out "${CMAKE_BINARY_DIR}/runs/conformance"
                                        --junit "${CMAKE_BINARY_DIR}/runs/conformance.xml")
set_tests_properties(smoke.conformance PROPERTIES LABELS smoke RUN_SERIAL ON TIMEOUT 600 FIXTURES_REQUIRED
                                                smoke_runs)
include("${CMAKE_CURRENT_LIST_DIR}/harness_rules.cmake")

# README.md's own example, run as its reader would. Alone, like every scenario that is judged by time.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME smoke.readme
         COMMAND Python3::Interpreter "${CMAKE_CURRENT_SOURCE_DIR}/readme_scenario.py"
                 $<TARGET_FILE:halfopen> "${PROJECT_SOURCE_DIR}/README.md"
                 "${CMAKE_BINARY_DIR}/runs/readme")
set_tests_properties(smoke.readme PROPERTIES LABELS smoke RUN_SERIAL ON TIMEOUT 120 FIXTURES_REQUIRED
                                            smoke_runs)

# Expressions against a real Prometheus, with the same samples and the same questions.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_program(PROMTOOL promtool REQUIRED)
find_program(PROMETHEUS prometheus REQUIRED)
add_executable(harness_expression_tool harness_expression_tool.cpp)
target_link_libraries(harness_expression_tool PRIVATE halfopen::shell halfopen::metrics halfopen::options)
set_target_properties(harness_expression_tool PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
add_test(NAME harness.promql COMMAND Python3::Interpreter
                                     "${CMAKE_CURRENT_SOURCE_DIR}/harness_promql_test.py" -v)
set_tests_properties(
  harness.promql
  PROPERTIES
    LABELS integration TIMEOUT 180 ENVIRONMENT
    "EXPRESSION_TOOL=$<TARGET_FILE:harness_expression_tool>;HALFOPEN_SOURCE=${PROJECT_SOURCE_DIR};PROMTOOL=${PROMTOOL};PROMETHEUS=${PROMETHEUS}"
)

# Prometheus' own checker reads what fault-proxy exports.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_program(PROMTOOL promtool REQUIRED)
add_test(NAME proxy.promtool COMMAND Python3::Interpreter
                                     "${CMAKE_CURRENT_SOURCE_DIR}/proxy_promtool_test.py" -v)
set_tests_properties(
  proxy.promtool PROPERTIES LABELS integration TIMEOUT 120 ENVIRONMENT
                            "HALFOPEN_BIN=${CMAKE_BINARY_DIR}/bin;PROMTOOL=${PROMTOOL}")

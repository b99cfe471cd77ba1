# Prometheus' own checker reads the alert rules that scenarios evaluate.
find_program(PROMTOOL promtool REQUIRED)
add_test(NAME metrics.rules COMMAND "${PROMTOOL}" check rules
                                    "${PROJECT_SOURCE_DIR}/metrics/rules/halfopen.yaml")
set_tests_properties(metrics.rules PROPERTIES LABELS integration TIMEOUT 60)

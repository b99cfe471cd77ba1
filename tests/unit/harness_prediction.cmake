# Prediction, advice, the diagnosis of foreign logs. Linked with the node's core, so that the copy
# of its presets is held against them.
halfopen_test(
  NAME harness_prediction_test
  LABEL unit
  SOURCES harness_prediction_test.cpp harness_prediction_compare_test.cpp harness_advice_test.cpp
          harness_defences_test.cpp harness_cell_groups_test.cpp harness_triage_test.cpp
          harness_triage_parts_test.cpp
  LIBRARIES halfopen::model halfopen::node_core)
target_compile_definitions(harness_prediction_test
                           PRIVATE HALFOPEN_GOLDEN="${PROJECT_SOURCE_DIR}/tests/golden")

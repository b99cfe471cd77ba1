halfopen_test(
  NAME harness_judge_test
  LABEL unit
  SOURCES harness_judge_control_test.cpp
          harness_judge_diagnosis_test.cpp
          harness_judge_evaluate_test.cpp
          harness_judge_parser_test.cpp
          harness_judge_promql_test.cpp
          harness_judge_series_test.cpp
          harness_judge_silence_test.cpp
          harness_judge_story_test.cpp
          harness_judge_test.cpp
          harness_judge_trust_test.cpp
          harness_open_metrics_test.cpp
  LIBRARIES halfopen::model)
target_compile_definitions(harness_judge_test PRIVATE HALFOPEN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

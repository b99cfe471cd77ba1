halfopen_test(
  NAME harness_judge_test
  LABEL unit
  SOURCES harness_judge_evaluate_test.cpp
          harness_judge_test.cpp
          harness_judge_parser_test.cpp
  LIBRARIES halfopen::model)

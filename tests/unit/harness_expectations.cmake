# Expectations: bound, judged, and what the checkers catch.
find_package(rapidcheck REQUIRED)
halfopen_test(
  NAME harness_expectation_test
  LABEL unit
  SOURCES harness_judge_alerts_test.cpp
          harness_judge_checkers_test.cpp
          harness_judge_property_test.cpp
          harness_judge_sequence_test.cpp
          harness_judge_storm_test.cpp
          harness_judge_stretches_test.cpp
          harness_model_expectation_test.cpp
  LIBRARIES halfopen::model rapidcheck)

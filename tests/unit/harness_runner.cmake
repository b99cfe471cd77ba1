halfopen_test(
  NAME harness_runner_test
  LABEL unit
  SOURCES harness_run_queue_test.cpp harness_selection_test.cpp harness_run_reports_test.cpp
  LIBRARIES halfopen::shell)

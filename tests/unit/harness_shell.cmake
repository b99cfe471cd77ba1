halfopen_test(
  NAME harness_shell_test
  LABEL unit
  SOURCES harness_kernel_world_test.cpp harness_proxy_world_test.cpp harness_reports_test.cpp
          harness_run_result_test.cpp harness_event_reader_test.cpp harness_metric_names_test.cpp
          harness_log_watch_test.cpp harness_outside_text_test.cpp
  LIBRARIES halfopen::shell pugixml::pugixml)

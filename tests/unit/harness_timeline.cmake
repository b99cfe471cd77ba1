# What the HTML report draws, from made-up runs.
halfopen_test(
  NAME harness_timeline_test
  LABEL unit
  SOURCES harness_timeline_death_test.cpp harness_timeline_test.cpp
  LIBRARIES halfopen::model)
halfopen_test(
  NAME harness_html_test
  LABEL unit
  SOURCES harness_html_test.cpp
  LIBRARIES halfopen::shell)

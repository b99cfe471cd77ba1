halfopen_test(
  NAME node_line_budget_test
  LABEL unit
  SOURCES node_line_budget_test.cpp
  LIBRARIES halfopen::node_shell)

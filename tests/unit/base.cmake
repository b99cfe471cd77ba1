halfopen_test(
  NAME base_test
  LABEL unit
  SOURCES duration_text_test.cpp printable_text_test.cpp prng_test.cpp metric_set_test.cpp
  LIBRARIES halfopen::base halfopen::metrics)

# The scenario language as data: shapes, schema, formatting, and the words that plan a file's runs.
halfopen_test(
  NAME harness_language_test
  LABEL unit
  SOURCES harness_language_shape_test.cpp harness_language_format_test.cpp
          harness_language_words_test.cpp
  LIBRARIES halfopen::model halfopen::worlds rapidcheck)
set_source_files_properties(
  harness_language_format_test.cpp
  PROPERTIES COMPILE_DEFINITIONS "HALFOPEN_SCENARIOS=\"${PROJECT_SOURCE_DIR}/scenarios\"")

find_package(rapidcheck REQUIRED)
halfopen_test(
  NAME harness_model_test
  LABEL unit
  SOURCES harness_model_document_test.cpp
          harness_model_substitute_test.cpp
          harness_model_plan_test.cpp
          harness_model_error_test.cpp
          harness_model_property_test.cpp
  LIBRARIES halfopen::model rapidcheck)
include("${CMAKE_CURRENT_LIST_DIR}/harness_judge.cmake" OPTIONAL)

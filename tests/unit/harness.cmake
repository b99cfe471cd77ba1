find_package(rapidcheck REQUIRED)
halfopen_test(
  NAME harness_model_test
  LABEL unit
  SOURCES harness_model_document_test.cpp
          harness_model_substitute_test.cpp
          harness_model_plan_test.cpp
          harness_model_error_test.cpp
          harness_model_run_error_test.cpp
          harness_model_property_test.cpp
          harness_model_readme_test.cpp
          profiles_test.cpp
  LIBRARIES halfopen::model rapidcheck)
halfopen_test(
  NAME harness_wire_test
  LABEL unit
  SOURCES harness_wire_test.cpp harness_packet_test.cpp
  LIBRARIES halfopen::model)
set_source_files_properties(
  harness_model_readme_test.cpp
  PROPERTIES COMPILE_DEFINITIONS "HALFOPEN_SCENARIOS=\"${PROJECT_SOURCE_DIR}/scenarios\"")
include("${CMAKE_CURRENT_LIST_DIR}/harness_judge.cmake" OPTIONAL)
include("${CMAKE_CURRENT_LIST_DIR}/harness_language.cmake")
halfopen_test(
  NAME harness_conformance_test
  LABEL unit
  SOURCES harness_conformance_test.cpp
  LIBRARIES halfopen::model)
include("${CMAKE_CURRENT_LIST_DIR}/harness_expectations.cmake")

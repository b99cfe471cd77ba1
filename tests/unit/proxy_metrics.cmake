halfopen_test(
  NAME proxy_metrics_test
  LABEL unit
  SOURCES proxy_metrics_document_test.cpp
  LIBRARIES halfopen::metrics)
target_compile_definitions(proxy_metrics_test PRIVATE HALFOPEN_PROXY="${PROJECT_SOURCE_DIR}/proxy")

halfopen_test(
  NAME proxy_api_test
  LABEL unit
  SOURCES http_conversation_test.cpp
  LIBRARIES halfopen::metrics)

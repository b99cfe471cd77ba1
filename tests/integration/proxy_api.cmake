halfopen_test(
  NAME proxy_http_server_test
  LABEL integration
  TIMEOUT 60
  SOURCES proxy_end_test.cpp proxy_http_server_test.cpp
  LIBRARIES halfopen::proxy_shell halfopen::test_support)

halfopen_test(
  NAME proxy_api_test
  LABEL unit
  SOURCES http_conversation_test.cpp proxy_api_json_test.cpp proxy_api_requests_test.cpp
          proxy_api_routes_test.cpp proxy_fault_list_test.cpp
  LIBRARIES halfopen::proxy_shell)

halfopen_test(
  NAME proxy_connection_fault_test
  LABEL unit
  SOURCES proxy_connection_fault_test.cpp proxy_flap_test.cpp proxy_fault_profile_test.cpp
  LIBRARIES halfopen::proxy_shell)

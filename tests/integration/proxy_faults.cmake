halfopen_test(
  NAME proxy_fault_matrix_test
  LABEL integration
  TIMEOUT 60
  SOURCES proxy_fixture.cpp proxy_fault_matrix_rows.cpp proxy_fault_matrix_test.cpp
          proxy_connection_faults_test.cpp
  LIBRARIES halfopen::test_support halfopen::shell halfopen::metrics Boost::json)
target_compile_definitions(proxy_fault_matrix_test
                           PRIVATE FAULT_PROXY_PROGRAM="$<TARGET_FILE:fault-proxy>")
add_dependencies(proxy_fault_matrix_test fault-proxy)

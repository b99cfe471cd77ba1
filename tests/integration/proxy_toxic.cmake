halfopen_test(
  NAME proxy_toxic_integration_test
  LABEL integration
  TIMEOUT 60
  SOURCES proxy_fixture.cpp proxy_toxic_test.cpp proxy_toxic_live_test.cpp
  LIBRARIES halfopen::test_support Boost::json)
target_compile_definitions(proxy_toxic_integration_test
                           PRIVATE FAULT_PROXY_PROGRAM="$<TARGET_FILE:fault-proxy>")
add_dependencies(proxy_toxic_integration_test fault-proxy)

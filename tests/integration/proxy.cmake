halfopen_test(
  NAME proxy_integration_test
  LABEL integration
  TIMEOUT 60
  SOURCES proxy_fixture.cpp
          proxy_api_test.cpp
          proxy_control_test.cpp
          proxy_failure_test.cpp
          proxy_flush_test.cpp
          proxy_heal_test.cpp
          proxy_hostile_test.cpp
          proxy_nat_test.cpp
          proxy_outage_test.cpp
          proxy_program_test.cpp
          proxy_relay_test.cpp
          proxy_repick_test.cpp
          proxy_restart_test.cpp
          proxy_silence_test.cpp
  LIBRARIES halfopen::test_support Boost::json)
target_compile_definitions(proxy_integration_test
                           PRIVATE FAULT_PROXY_PROGRAM="$<TARGET_FILE:fault-proxy>")
add_dependencies(proxy_integration_test fault-proxy)

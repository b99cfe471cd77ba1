halfopen_test(
  NAME proxy_test
  LABEL unit
  SOURCES proxy_nat_test.cpp proxy_nat_expired_test.cpp proxy_nat_outage_test.cpp
          proxy_sampling_test.cpp proxy_look_schedule_test.cpp proxy_quiet_leg_test.cpp proxy_peer_life_test.cpp proxy_fault_test.cpp
  LIBRARIES halfopen::fault_core)

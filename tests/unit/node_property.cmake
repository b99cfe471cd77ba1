halfopen_test(
  NAME node_property_test
  LABEL unit
  TIMEOUT 300
  SOURCES node_property_test.cpp
          node_storm_test.cpp
          node_chaos.cpp
          node_claims.cpp
          node_world.cpp
          node_wires.cpp
  LIBRARIES node_simulation)

# Alone, because it replaces operator new.
halfopen_test(
  NAME node_allocation_test
  LABEL unit
  SOURCES node_allocation_test.cpp
  LIBRARIES node_simulation)

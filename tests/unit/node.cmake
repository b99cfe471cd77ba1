add_library(node_simulation STATIC node_simulation.cpp node_simulation.hpp)
target_include_directories(node_simulation PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
target_link_libraries(node_simulation PUBLIC halfopen::node_core halfopen::metrics PRIVATE halfopen::options)

halfopen_test(
  NAME node_core_test
  LABEL unit
  SOURCES node_session_test.cpp
  LIBRARIES node_simulation)

add_library(node_flood STATIC node_flood.cpp node_flood.hpp)
target_link_libraries(node_flood PUBLIC halfopen::node_tls PRIVATE halfopen::options)

halfopen_test(
  NAME node_tls_integration_test
  LABEL integration
  TIMEOUT 90
  SOURCES node_tls_test.cpp node_flood_test.cpp node_tcp_connection_test.cpp
  LIBRARIES node_process node_flood halfopen::node_shell)

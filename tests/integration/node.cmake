add_library(node_process STATIC node_process.cpp node_process.hpp)
target_compile_definitions(node_process PRIVATE VOTE_NODE_PATH="$<TARGET_FILE:vote-node>")
target_link_libraries(node_process PUBLIC halfopen::node_core halfopen::metrics PRIVATE halfopen::options)
add_dependencies(node_process vote-node)

halfopen_test(
  NAME node_integration_test
  LABEL integration
  TIMEOUT 90
  SOURCES node_test.cpp node_socket_options_test.cpp
  LIBRARIES node_process halfopen::node_shell)

halfopen_test(
  NAME node_operation_test
  LABEL integration
  TIMEOUT 90
  SOURCES node_operation_test.cpp
  LIBRARIES node_process halfopen::node_shell)

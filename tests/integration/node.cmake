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

# The unit as it is installed, but with the program that is built here: verify looks for it.
find_program(SYSTEMD_ANALYZE systemd-analyze)
if(SYSTEMD_ANALYZE)
  set(TEMPLATE "${PROJECT_SOURCE_DIR}/packaging/vote-node.service.in")
  set(OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/vote-node.service")
  set(BINDIR /usr/bin)
  set(DOCDIR /usr/share/doc/halfopen)
  include("${PROJECT_SOURCE_DIR}/packaging/unit.cmake")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${TEMPLATE}")
  file(READ "${OUTPUT}" unit)
  string(REGEX REPLACE "ExecStart=[^ ]+" "ExecStart=${PROJECT_BINARY_DIR}/bin/vote-node" unit "${unit}")
  file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/vote-node.service" "${unit}")
  add_test(NAME node_service_unit COMMAND "${SYSTEMD_ANALYZE}" verify
                                          "${CMAKE_CURRENT_BINARY_DIR}/vote-node.service")
  # Whatever it complains about is a line; a mistake in a value does not always change its exit code.
  set_tests_properties(node_service_unit PROPERTIES LABELS integration TIMEOUT 60 FAIL_REGULAR_EXPRESSION
                                                    "vote-node.service:[0-9]+:")
endif()
add_test(NAME node_example_config COMMAND vote-node --config "${PROJECT_SOURCE_DIR}/packaging/vote-node.yaml"
                                          --check-config --strict)
set_tests_properties(node_example_config PROPERTIES LABELS integration TIMEOUT 60)
# The wire as its document says it, from the other side.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME node_wire_peer COMMAND Python3::Interpreter
                                     "${CMAKE_CURRENT_SOURCE_DIR}/node_wire_peer_test.py" $<TARGET_FILE:vote-node>)
set_tests_properties(node_wire_peer PROPERTIES LABELS integration TIMEOUT 60)

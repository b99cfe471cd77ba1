halfopen_test(
  NAME node_operation_unit_test
  LABEL unit
  SOURCES node_settings_warnings_test.cpp
          node_config_schema_test.cpp
          node_config_change_test.cpp
          node_admin_request_test.cpp
          node_peer_history_test.cpp
          node_status_text_test.cpp
          node_store_health_test.cpp
          node_wire_example_test.cpp
  LIBRARIES halfopen::node_shell)
set_source_files_properties(node_wire_example_test.cpp PROPERTIES COMPILE_DEFINITIONS
                            "WIRE_DOCUMENT=\"${PROJECT_SOURCE_DIR}/node/core/WIRE.md\"")

add_library(node_simulation STATIC node_simulation.cpp node_endpoint.cpp node_disk.cpp node_keys.cpp node_note_text.cpp)
target_link_libraries(node_simulation PUBLIC halfopen::node_core halfopen::metrics PRIVATE halfopen::options)

halfopen_test(
  NAME node_core_test
  LABEL unit
  SOURCES node_session_test.cpp
          node_votes_test.cpp
          node_cast_test.cpp
          node_key_test.cpp
          node_ledger_test.cpp
          node_tally_test.cpp
          node_message_test.cpp
          node_evidence_test.cpp
          node_liveness_test.cpp
          node_debts_test.cpp
          node_peers_test.cpp
          node_defences_test.cpp
          node_incident_test.cpp
          node_frame_reader_test.cpp
          node_backoff_test.cpp
          node_outbox_test.cpp
          node_reasons_test.cpp
          node_vote_test.cpp
  LIBRARIES node_simulation)

halfopen_test(
  NAME node_shell_test
  LABEL unit
  SOURCES node_config_test.cpp node_vote_json_test.cpp node_api_test.cpp
          node_stats_test.cpp
  LIBRARIES halfopen::node_shell node_simulation)

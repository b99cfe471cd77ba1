# Expectations and their judgement, and the alert rules that they can name, added to the target that
# this folder's CMakeLists.txt makes.
target_sources(
  halfopen_model
  PRIVATE alert_rules.cpp
          bind_checkers.cpp
          bind_conditions.cpp
          bind_event_expectations.cpp
          bind_windows.cpp
          expectation.cpp
          judge_alerts.cpp
          judge_detection.cpp
          judge_peer_history.cpp
          judge_result.cpp
          judge_sequence.cpp
          judge_storm.cpp
          judge_stretches.cpp
          judge_stuck.cpp
          judge_vote_checkers.cpp
          line_pattern.cpp
          shape_events.cpp
          "${CMAKE_CURRENT_BINARY_DIR}/alert_rules_data.cpp"
  PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES
         alert_rules.hpp
         bind_expectation_parts.hpp
         expectation.hpp
         judge_alerts.hpp
         judge_checkers.hpp
         judge_peer_history.hpp
         judge_result.hpp
         judge_sequence.hpp
         judge_stretches.hpp
         line_pattern.hpp)

# The rules are built in, so that a program that was copied somewhere has them.
set(HALFOPEN_ALERT_RULE_FILES "")
foreach(rules_name IN ITEMS halfopen)
  set(rules_file "metrics/rules/${rules_name}.yaml")
  file(READ "${PROJECT_SOURCE_DIR}/${rules_file}" rules_text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${rules_file}")
  string(APPEND HALFOPEN_ALERT_RULE_FILES "      {\"${rules_file}\",\nR\"yaml(${rules_text})yaml\"},\n")
endforeach()
configure_file(alert_rules_data.cpp.in alert_rules_data.cpp @ONLY)

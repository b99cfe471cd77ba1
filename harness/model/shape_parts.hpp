// The shapes of the scenario language, by what they are of. Each is made once and lives as long as
// the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/model/shape.hpp"

namespace halfopen {

// `when: {axis-or-variable: value | [values]}`, which steps, expectations, links and controls take.
[[nodiscard]] ShapeKey when_key();

// The whole file, and what is in it once: shape_file.cpp
[[nodiscard]] const Shape& file_shape();
[[nodiscard]] const Shape& steady_state_shape();
[[nodiscard]] const Shape& liveness_shape();
[[nodiscard]] const Shape& control_shape();
[[nodiscard]] const Shape& axis_value_shape();
[[nodiscard]] const Shape& report_shape();

// nodes and links: shape_nodes.cpp
[[nodiscard]] const Shape& node_shape();
[[nodiscard]] const Shape& link_shape();

// A fault: one key, its type. shape_faults.cpp
[[nodiscard]] const Shape& fault_shape();
// The attributes of one type, which fault_shape() has as a key.
[[nodiscard]] const Shape& fault_attributes_shape(std::string_view type);

// steps: shape_steps.cpp
[[nodiscard]] const Shape& step_shape();
[[nodiscard]] const Shape& cast_shape();
[[nodiscard]] const Shape& set_fault_shape();
[[nodiscard]] const Shape& clear_fault_shape();
[[nodiscard]] const Shape& restart_shape();
[[nodiscard]] const Shape& stop_shape();
[[nodiscard]] const Shape& flush_nat_shape();
[[nodiscard]] const Shape& destroy_connections_shape();

// expect: shape_expectations.cpp
[[nodiscard]] const Shape& sends_shape();
[[nodiscard]] const Shape& lost_votes_shape();
[[nodiscard]] const Shape& detected_by_shape();
[[nodiscard]] const Shape& expectation_shape();

// shape_events.cpp
[[nodiscard]] const Shape& event_shape();  // {node: n1, event: transition, to: Suspect}
[[nodiscard]] const Shape& holds_for_shape();
[[nodiscard]] const Shape& count_shape();
[[nodiscard]] const Shape& sequence_shape();
[[nodiscard]] const Shape& log_shape();
[[nodiscard]] const Shape& alerts_shape();
[[nodiscard]] const Shape& checker_shape();  // {no_stuck_connection: {longer_than: 3s}}
[[nodiscard]] const Shape& detection_checker_shape();
[[nodiscard]] const Shape& stuck_checker_shape();
[[nodiscard]] const Shape& fault_span_shape();
[[nodiscard]] const Shape& during_shape();  // {step: quiet} or {fault: {...}}
[[nodiscard]] const Shape& since_shape();   // {step: vote}, {event: {...}} or both
// The checkers, in the order of the enum Invariant.
[[nodiscard]] const std::vector<std::string>& checker_names();
// The events that a vote-node tells, and those that a link's middlebox tells.
[[nodiscard]] const std::vector<std::string>& node_event_names();
[[nodiscard]] const std::vector<std::string>& link_event_names();
// Every shape that the file's leads to, each once, the file's own first.
[[nodiscard]] std::vector<const Shape*> all_shapes();

}  // namespace halfopen

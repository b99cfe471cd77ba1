// The kinds of expectations, each read by a function of its own; bind_expectations.cpp chooses.
#pragma once

#include <string>
#include <vector>

#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/scenario.hpp"

namespace halfopen {

struct BoundBody {
  ExpectationBody body;
  std::string text;  // the beginning of the expectation's text
};

// bind_conditions.cpp: always, never, eventually, sometimes, holds_for, count.
[[nodiscard]] Result<BoundBody> bind_condition(const DocumentEntry& entry);
[[nodiscard]] Result<BoundBody> bind_holds_for(const Document& value);
[[nodiscard]] Result<BoundBody> bind_count(const Document& value, const Scenario& scenario);
// equals, at_least or at_most, where the map has one of them; else `otherwise`.
[[nodiscard]] Result<CountBound> read_count_bound(const Fields& fields, CountBound otherwise);

// bind_event_expectations.cpp: sends, lost_votes, detected_by, sequence, log.
[[nodiscard]] Result<BoundBody> bind_sends(const Document& value, bool race,
                                           const Scenario& scenario);
[[nodiscard]] Result<BoundBody> bind_lost_votes(const Document& value, const Scenario& scenario);
[[nodiscard]] Result<BoundBody> bind_detected_by(const Document& value, const Scenario& scenario);
[[nodiscard]] Result<BoundBody> bind_sequence(const Document& value, const Scenario& scenario);
[[nodiscard]] Result<BoundBody> bind_log(const Document& value, const Scenario& scenario);
// A node that tells events.
[[nodiscard]] Result<std::string> read_vote_node(const Document& value, const Scenario& scenario);

// bind_checkers.cpp: invariant, alerts.
[[nodiscard]] Result<BoundBody> bind_invariants(const Document& value);
[[nodiscard]] Result<BoundBody> bind_alerts(const Document& value);

// bind_windows.cpp: when one looks, and which events are meant.
[[nodiscard]] Result<Window> bind_window(const Document& item, const Scenario& scenario);
[[nodiscard]] std::string window_text(const Window& window);
[[nodiscard]] Result<EventPattern> read_event_pattern(const Document& value,
                                                      const Scenario& scenario);

[[nodiscard]] std::string joined_with(const std::vector<std::string>& parts,
                                      const std::string& between);

}  // namespace halfopen

#include "harness/model/plan_proof.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <variant>

namespace halfopen {
namespace {

bool is_error(const std::string& send_result) {
  return send_result != "OK";
}

// Does the expectation say that something goes wrong? It then fails where the fault does nothing,
// and so does for the faults of a matrix what a control does for the defences.
bool states_a_failure(const ExpectationBody& body) {
  if (const auto* lost = std::get_if<LostVotes>(&body)) {
    return lost->count > 0 && lost->comparison != LostVotes::Comparison::kAtMost;
  }
  if (const auto* sends = std::get_if<SendSequence>(&body)) {
    return std::all_of(sends->one_of.begin(), sends->one_of.end(), [](const auto& results) {
      return std::any_of(results.begin(), results.end(), is_error);
    });
  }
  if (const auto* detected = std::get_if<DetectedBy>(&body)) {
    return std::count(detected->one_of.begin(), detected->one_of.end(), "none") == 0;
  }
  return false;
}

bool some_cell_states_a_failure(const Plan& plan) {
  return std::any_of(plan.runs.begin(), plan.runs.end(), [](const PlannedRun& run) {
    const auto& all = run.scenario.expectations;
    return std::any_of(all.begin(), all.end(),
                       [](const Expectation& one) { return states_a_failure(one.body); });
  });
}

// The ids in the must_fail of the controls, by a part of theirs too, also of those that a `when`
// leaves out of this plan.
std::set<std::string> controlled_ids(const Document& controls) {
  std::set<std::string> ids;
  for (const Document& control : controls.items) {
    const Document* must_fail = control.find("must_fail");
    if (must_fail == nullptr) continue;
    for (const Document& id : must_fail->items)
      ids.insert(id.scalar.substr(0, id.scalar.find('.')));
  }
  return ids;
}

Result<void> check_that_it_can_fail(const Expectation& expectation,
                                    const std::set<std::string>& controlled) {
  const bool has_reason = !expectation.uncontrolled.empty();
  if (controlled.contains(expectation.id) != has_reason) return {};
  if (has_reason) {
    return problem_at(expectation.mark, "a control makes \"" + expectation.id +
                                            "\" fail, so it is not uncontrolled; remove one of "
                                            "the two");
  }
  return problem_at(expectation.mark,
                    "no control shows that \"" + expectation.id +
                        "\" can fail; name it in the must_fail of a control, or say why none "
                        "can: uncontrolled: \"...\"");
}

// In a matrix the cells are each other's controls where they state a failure, or under one id
// different things.
std::set<std::string> contradicted_ids(const Plan& plan) {
  std::set<std::string> ids;
  std::map<std::string, std::string> text_of;
  for (const PlannedRun& run : plan.runs) {
    for (const Expectation& expectation : run.scenario.expectations) {
      const auto [first, is_new] = text_of.emplace(expectation.id, expectation.text);
      const bool differs = !is_new && first->second != expectation.text;
      if (differs || states_a_failure(expectation.body)) ids.insert(expectation.id);
    }
  }
  return ids;
}

}  // namespace

Result<void> check_that_some_run_can_fail(const Document& file, const Plan& plan) {
  const bool has_control = std::any_of(plan.runs.begin(), plan.runs.end(),
                                       [](const auto& run) { return !run.control.empty(); });
  if (has_control) return {};
  if (plan.axes.empty()) {
    return problem_at(file.mark,
                      "no controls: a scenario that cannot fail proves nothing; add \"controls\" "
                      "that take the defence away and name the expectations that must then fail");
  }
  if (some_cell_states_a_failure(plan)) return {};
  return problem_at(file.mark,
                    "no controls, and no cell expects a loss or an error: a matrix that cannot "
                    "fail proves nothing; add \"controls\", or to a cell without a defence "
                    "\"lost_votes\" with at_least: 1, \"sends\" with an errno, or "
                    "\"detected_by\" with a reason other than none");
}

Result<void> check_that_each_can_fail(const Document& file, const Plan& plan) {
  const Document* controls = file.find("controls");
  if (controls == nullptr) return {};
  const std::set<std::string> controlled = controlled_ids(*controls);
  const std::set<std::string> contradicted =
      plan.axes.empty() ? std::set<std::string>{} : contradicted_ids(plan);
  for (const PlannedRun& run : plan.runs) {
    if (!run.control.empty()) continue;
    for (const Expectation& expectation : run.scenario.expectations) {
      const bool says_nothing =
          expectation.uncontrolled.empty() && !controlled.contains(expectation.id);
      if (says_nothing && contradicted.contains(expectation.id)) continue;
      HALFOPEN_CHECK(check_that_it_can_fail(expectation, controlled));
    }
  }
  return {};
}

}  // namespace halfopen

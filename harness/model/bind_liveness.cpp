// `steady_state` and `liveness`: what must hold before anything is done, and what must come back
// once everything that steps broke is whole again. Between the two lies the safety phase: there a
// network may do anything but lie. Invariants look at the end, when the liveness window is over.
//
// What a link's own `faults` say is the path's nature (a NAT, a latency) and stays; only what steps
// did is undone.
#include <algorithm>

#include "base/duration_text.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

constexpr const char* kSteadyState = "steady-state";
constexpr const char* kLiveness = "liveness";

Heal heal_of(const std::vector<Step>& steps) {
  Heal heal;
  for (const Step& step : steps) {
    if (const auto* set = std::get_if<SetFault>(&step.action)) {
      heal.faults.push_back({set->link, set->fault});
    } else if (const auto* clear = std::get_if<ClearFault>(&step.action)) {
      std::erase_if(heal.faults, [&](const ClearFault& one) {
        return one.link == clear->link && one.fault.name == clear->fault.name;
      });
    } else if (const auto* stop = std::get_if<StopNode>(&step.action)) {
      heal.nodes.push_back(*stop);
    }
  }
  return heal;
}

// Names that the file's own steps and expectations cannot have beside it.
Problem taken(const Mark& mark, const std::string& what, const std::string& id) {
  return problem_at(mark, what + " \"" + id + "\" has the name of what the file's \"" + kLiveness +
                              "\" adds; choose another");
}

}  // namespace

Result<void> bind_steady_state(const Document& value, Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, steady_state_shape()));
  HALFOPEN_TRY(condition, fields.need("condition"));
  HALFOPEN_TRY(within, fields.need("within"));
  HALFOPEN_TRY(expression, read_expression(*condition));
  HALFOPEN_TRY(limit, read_limit(*within, "\"within\" of \"steady_state\""));
  scenario.steps.push_back(
      {kSteadyState, value.mark, WaitUntil{expression, limit}, condition->mark});
  return {};
}

Result<void> bind_liveness(const Document& value, const Document* steady_state,
                           Scenario& scenario) {
  HALFOPEN_TRY(fields, Fields::of(value, liveness_shape()));
  HALFOPEN_TRY(within, fields.need("within"));
  Heal heal = heal_of(scenario.steps);
  HALFOPEN_TRY(limit, read_duration(*within, "\"within\" of \"liveness\""));
  if (limit < kSettled) {
    return problem_at(within->mark, "\"within\" (" + format_duration(limit) +
                                        ") is too short: all must be well for " +
                                        format_duration(kSettled) +
                                        " on end; expected at least that");
  }
  heal.within = limit;
  const Document* condition = fields.find("condition");
  if (condition == nullptr && steady_state != nullptr) condition = steady_state->find("condition");
  if (condition == nullptr) {
    return problem_at(value.mark,
                      "\"liveness\" has nothing that could come back; give it a \"condition\", or "
                      "the file a \"steady_state\"");
  }
  HALFOPEN_TRY(expression, read_expression(*condition));
  heal.condition = expression;
  for (const Step& step : scenario.steps) {
    if (step.id == kLiveness) return taken(step.mark, "the step", step.id);
  }
  scenario.steps.push_back({kLiveness, value.mark, std::move(heal), condition->mark});
  return {};
}

Result<void> bind_liveness_expectation(const Document& value, Scenario& scenario) {
  for (const Expectation& expectation : scenario.expectations) {
    if (expectation.id == kLiveness) {
      return taken(expectation.mark, "the expectation", expectation.id);
    }
  }
  const auto& heal = std::get<Heal>(scenario.steps.back().action);
  Expectation expectation;
  expectation.id = kLiveness;
  expectation.mark = value.mark;
  expectation.text = "eventually " + heal.condition.text() + " for the last " +
                     format_duration(kSettled) + " once everything is healed";
  expectation.body = HoldsFor{heal.condition, kSettled, true};
  expectation.body_mark = scenario.steps.back().action_mark;
  expectation.window.during = kLiveness;
  if (const Document* reason = value.find("uncontrolled")) {
    HALFOPEN_TRY(text, read_text(*reason, "\"uncontrolled\""));
    expectation.uncontrolled = text;
  }
  scenario.expectations.push_back(std::move(expectation));
  return {};
}

}  // namespace halfopen

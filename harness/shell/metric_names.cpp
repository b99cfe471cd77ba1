#include "harness/shell/metric_names.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "harness/model/near_name.hpp"
#include "metrics/names.hpp"

namespace halfopen {
namespace {

std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const MetricDefinition& definition : all_metrics()) {
    const std::string name(definition.name);
    if (definition.kind == MetricKind::kHistogram) {
      names.insert(names.end(), {name + "_bucket", name + "_sum", name + "_count"});
    } else {
      names.push_back(name);
    }
  }
  return names;
}

Result<bool> check(const Expression& expression, const Mark& mark,
                   const std::vector<std::string>& known) {
  for (const std::string& name : expression.metric_names()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string nearest = near_name(name, known);
    return problem_at(mark, "there is no metric " + name +
                                (nearest.empty() ? "" : "; did you mean " + nearest + "?") +
                                " (metrics/names.inc lists them all)");
  }
  return true;
}

}  // namespace

Result<bool> check_metric_names(const Plan& plan) {
  const auto known = known_names();
  for (const PlannedRun& run : plan.runs) {
    for (const NodeSpec& node : run.scenario.nodes) {
      if (!node.argv.empty()) return true;
    }
    for (const Step& step : run.scenario.steps) {
      if (const auto* wait = std::get_if<WaitUntil>(&step.action)) {
        HALFOPEN_TRY(good, check(wait->condition, step.mark, known));
        if (!good) return false;
      }
    }
    for (const Expectation& expectation : run.scenario.expectations) {
      const Expression* condition = nullptr;
      if (const auto* always = std::get_if<Always>(&expectation.body))
        condition = &always->condition;
      if (const auto* never = std::get_if<Never>(&expectation.body)) condition = &never->condition;
      if (const auto* some = std::get_if<Sometimes>(&expectation.body))
        condition = &some->condition;
      if (const auto* later = std::get_if<Eventually>(&expectation.body)) {
        condition = &later->condition;
      }
      if (condition == nullptr) continue;
      HALFOPEN_TRY(good, check(*condition, expectation.mark, known));
      if (!good) return false;
    }
  }
  return true;
}

}  // namespace halfopen

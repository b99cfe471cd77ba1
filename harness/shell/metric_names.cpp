#include "harness/shell/metric_names.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "metrics/names.hpp"

namespace halfopen {
namespace {

std::set<std::string> known_names() {
  std::set<std::string> names;
  for (const MetricDefinition& definition : all_metrics()) {
    const std::string name(definition.name);
    if (definition.kind == MetricKind::kHistogram) {
      names.insert({name + "_bucket", name + "_sum", name + "_count"});
    } else {
      names.insert(name);
    }
  }
  return names;
}

std::size_t common_letters(const std::string& left, const std::string& right) {
  std::size_t front = 0;
  while (front < left.size() && front < right.size() && left[front] == right[front]) ++front;
  std::size_t back = 0;
  while (back + front < left.size() && back + front < right.size() &&
         left[left.size() - 1 - back] == right[right.size() - 1 - back]) {
    ++back;
  }
  return front + back;
}

Result<bool> check(const Expression& expression, const Mark& mark,
                   const std::set<std::string>& known) {
  for (const std::string& name : expression.metric_names()) {
    if (known.contains(name)) continue;
    const auto nearest =
        std::max_element(known.begin(), known.end(), [&](const auto& left, const auto& right) {
          return common_letters(name, left) < common_letters(name, right);
        });
    return problem_at(mark, "there is no metric " + name + "; did you mean " + *nearest +
                                "? (metrics/README.md lists them)");
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
      if (const auto* always = std::get_if<Always>(&expectation.body)) condition = &always->condition;
      if (const auto* never = std::get_if<Never>(&expectation.body)) condition = &never->condition;
      if (const auto* some = std::get_if<Sometimes>(&expectation.body)) condition = &some->condition;
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

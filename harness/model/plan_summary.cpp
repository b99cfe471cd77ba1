#include "harness/model/plan_summary.hpp"

#include <algorithm>
#include <map>
#include <variant>

namespace halfopen {
namespace {

Duration longest(const StepAction& action) {
  if (const auto* wait = std::get_if<WaitUntil>(&action)) return wait->within;
  if (const auto* idle = std::get_if<IdleFor>(&action)) return idle->duration;
  if (const auto* heal = std::get_if<Heal>(&action)) return heal->within;
  if (const auto* restart = std::get_if<RestartNode>(&action)) return restart->down;
  // The first vote is cast at once.
  if (const auto* cast = std::get_if<CastVotes>(&action)) return cast->every * (cast->count - 1);
  return {};
}

}  // namespace

Duration longest_steps(const Scenario& scenario) {
  Duration end{};
  std::map<std::string, Duration> begin_of;
  for (const Step& step : scenario.steps) {
    begin_of[step.id] = end;
    end += longest(step.action);
  }
  Duration last = end;
  for (const Expectation& expectation : scenario.expectations) {
    const Window& window = expectation.window;
    const auto begin = begin_of.find(window.since);
    if (!window.within || begin == begin_of.end()) continue;
    last = std::max(last, begin->second + *window.within);
  }
  return last;
}

PlanSummary summary_of(const Plan& plan) {
  PlanSummary summary;
  summary.name = plan.name;
  summary.file = plan.file;
  summary.claim = plan.claim;
  for (const PlannedRun& run : plan.runs) {
    summary.cost = std::max(summary.cost, run.scenario.cost);
    summary.longest = std::max(summary.longest, longest_steps(run.scenario));
    summary.runs += plan.repeat;
    if (!run.control.empty()) summary.controls += plan.repeat;
  }
  if (!plan.runs.empty()) {
    summary.tags = plan.runs.front().scenario.tags;
    summary.worlds = plan.runs.front().scenario.worlds;
  }
  return summary;
}

}  // namespace halfopen

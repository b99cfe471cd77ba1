#include "harness/shell/validation.hpp"

#include <cstdio>

#include "harness/shell/exit_code.hpp"
#include "harness/shell/loaded_plan.hpp"
#include "harness/shell/report/final_report.hpp"

namespace halfopen {
namespace {

// Why the first run that cannot be true in this world cannot; empty when every run can.
std::string what_the_world_cannot(const Plan& plan, WorldKind world) {
  for (const PlannedRun& run : plan.runs) {
    const auto possible = make_world(world, run.scenario)->check();
    if (possible.has_error()) return possible.error().text;
  }
  return "";
}

}  // namespace

int validate_scenarios(const std::vector<std::string>& files,
                       const std::map<std::string, std::string>& variables, WorldKind world) {
  const LoadedPlans loaded = load_plans(files, variables);
  bool impossible = false;
  for (const LoadedPlan& good : loaded.plans) {
    const std::string cannot = what_the_world_cannot(good.plan, world);
    impossible = impossible || !cannot.empty();
    std::printf("%s: good, %zu runs%s\n", good.plan.file.c_str(), good.plan.runs.size(),
                cannot.empty() ? "" : ("; INCONCLUSIVE here: " + cannot).c_str());
  }
  if (!loaded.problems.empty()) {
    tell_github_of(loaded.problems);
    return after_output(complain(loaded.problems));
  }
  return after_output(impossible ? kExitInconclusive : kExitPass);
}

}  // namespace halfopen

// JUnit XML: one testsuite a scenario file, one testcase an expectation of a run. Inconclusive is
// skipped with its reason, an error of the harness is an error.
#pragma once

#include <string>
#include <vector>

#include "harness/model/plan.hpp"
#include "harness/shell/run_result.hpp"

namespace halfopen {

struct PlanResults {
  const Plan* plan = nullptr;
  std::vector<RunResult> runs;  // in the plan's order
};

[[nodiscard]] std::string junit_xml(const std::vector<PlanResults>& all);

}  // namespace halfopen

// JUnit XML: one testsuite a scenario file, one testcase an expectation of a run. Inconclusive is
// skipped with its reason, an error of the harness is an error.
#pragma once

#include <string>
#include <vector>

#include "harness/shell/report/run_summary.hpp"

namespace halfopen {

[[nodiscard]] std::string junit_xml(const std::vector<PlanResults>& all);

}  // namespace halfopen

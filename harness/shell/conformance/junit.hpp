// JUnit XML of a conformance run: one testcase for each repetition of each case. Inconclusive is
// skipped with its reason, a bug of ours is an error.
#pragma once

#include <string>
#include <vector>

#include "harness/model/conformance/case.hpp"
#include "harness/model/conformance/comparison.hpp"

namespace halfopen::conformance {

struct CaseResults {
  const Case* test = nullptr;
  std::vector<Comparison> repetitions;
};

[[nodiscard]] std::string junit_xml(const std::vector<CaseResults>& all);

}  // namespace halfopen::conformance

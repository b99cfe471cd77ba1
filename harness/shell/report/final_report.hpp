// The end of `halfopen run`: what is printed, and the files that were asked for.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/shell/report/run_summary.hpp"

namespace halfopen {

struct ReportSettings {
  CommandParts command;
  std::string junit_path;  // empty: not wanted
  std::string json_path;
  std::string captures;  // the folder that was captured into; empty: none
};

// Answers the exit status.
[[nodiscard]] int report_run(const RunSummary& summary, const ReportSettings& settings);

// In GitHub Actions: an annotation at the place of each problem with a file. Elsewhere nothing.
void tell_github_of(const std::vector<Problem>& problems);

}  // namespace halfopen

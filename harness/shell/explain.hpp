// `halfopen explain`: predictions of scenario files, and beside them what a finished run measured.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace halfopen {

struct ExplainSettings {
  std::vector<std::string> files;
  std::map<std::string, std::string> variables;
  std::string run_directory;  // of `halfopen run --out`; empty: nothing was measured
  bool every_run_in_full = false;
  bool as_json = false;
};

// Answers the exit status.
[[nodiscard]] int explain_scenarios(const ExplainSettings& settings);

}  // namespace halfopen

// `--json FILE`: everything that the reports tell, for programs.
#pragma once

#include <string>

#include "harness/shell/report/run_summary.hpp"

namespace halfopen {

// {"version": 1, "world", "seed", "seconds", "directory", "exit_status", "interrupted",
//  "scenarios": [{"name", "claim", "file", "runs": [{"id", "repetition", "control", "cell",
//  "verdict", "reason", "note", "seconds", "seed", "directory", "stalled", "left_out",
//  "predictions", "mispredictions",
//  "internal_error", "bad_input",
//  "expectations": [{"id", "verdict", "expected", "seen", "moment_ns", "evidence", "kernel"}]}]}]}
// Keys are only ever added.
[[nodiscard]] std::string json_report(const RunSummary& summary);

}  // namespace halfopen

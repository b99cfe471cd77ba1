// What a person reads at the end: a line a run, five lines a failure, the verdict.
#pragma once

#include <string>

#include "harness/shell/run_result.hpp"

namespace halfopen {

// "PASS  name[cause=…]  18.2 s"
[[nodiscard]] std::string run_line(const RunResult& run);

// Nothing for a run that passed. Else what was expected, what was seen, the events around it, and
// the command that repeats it.
[[nodiscard]] std::string why(const RunResult& run, const std::string& directory,
                              const std::string& command);

}  // namespace halfopen

// `halfopen conformance`: plays every case in both worlds, side by side as far as the machine
// allows, compares what the ends saw, and reports.
#pragma once

#include <string>
#include <vector>

#include "harness/worlds/world.hpp"

namespace halfopen::conformance {

struct Settings {
  std::vector<std::string> globs;  // of case ids; empty: all
  std::vector<WorldKind> worlds;
  unsigned repetitions = 1;
  unsigned jobs = 0;  // 0: by the machine's cores
  bool list_only = false;
  std::string junit_path;
  std::string directory;  // empty: halfopen-runs/... here
};

// Answers the exit status (ExitCode).
[[nodiscard]] int run(const Settings& settings);

}  // namespace halfopen::conformance

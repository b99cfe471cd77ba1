// `halfopen run`: plans every file, runs each planned run in a worker of its own, side by side as
// far as the machine allows, and reports.
//
// The coordinator has one thread and never touches a namespace: a worker that crashes, hangs or is
// killed costs one run.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/worlds/world.hpp"

namespace halfopen {

struct RunSettings {
  std::string program = "halfopen";  // as the user called it
  std::vector<std::string> files;
  std::map<std::string, std::string> variables;
  std::string junit_path;
  std::string directory;  // empty: halfopen-runs/... here
  WorldKind world = WorldKind::kProxy;
  std::string captures;  // a folder for captures of every link; empty: none
  unsigned jobs = 0;     // admission units that run side by side; 0: by the machine's cores
};

// Answers the exit status. Prints to standard output; errors go to standard error.
[[nodiscard]] int run_scenarios(const RunSettings& settings);

// `halfopen validate`: the same checks, without running anything.
[[nodiscard]] int validate_scenarios(const RunSettings& settings);

}  // namespace halfopen

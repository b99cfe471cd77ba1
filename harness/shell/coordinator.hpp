// `halfopen run`: plans every file, runs each planned run in a worker of its own, side by side as
// far as the machine allows, and reports.
//
// The coordinator has one thread and never touches a namespace: a worker that crashes, hangs or is
// killed costs one run.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "harness/model/selection.hpp"
#include "harness/worlds/world.hpp"

namespace halfopen {

struct RunSettings {
  std::string program = "halfopen";  // as the user called it
  std::vector<std::string> files;
  std::map<std::string, std::string> variables;
  std::string junit_path;
  std::string json_path;
  std::string directory;  // empty: halfopen-runs/... here
  WorldKind world = WorldKind::kProxy;
  std::string captures;  // a folder for captures of every link; empty: none
  unsigned jobs = 0;     // admission units that run side by side; 0: by the machine's cores
  Selection selection;
  std::optional<std::uint64_t> seed;    // of every drawn number; nothing: one is drawn and told
  unsigned repeat = 1;                  // how often each run is played
  bool fail_fast = false;               // nothing starts after the first failure
  bool keep = false;                    // leaves the one run's lab up, with a shell in it
  std::optional<Duration> time_budget;  // nothing starts that would end after it
};

// Answers the exit status. Prints to standard output; errors go to standard error.
[[nodiscard]] int run_scenarios(const RunSettings& settings);

}  // namespace halfopen

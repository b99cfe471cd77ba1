// What a plan is, in a few words and numbers, without running it: what `halfopen list` prints.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "harness/model/plan.hpp"

namespace halfopen {

struct PlanSummary {
  std::string name;
  std::string file;
  std::string claim;
  std::vector<std::string> tags;
  std::vector<std::string> worlds;  // the only ones; empty: any
  unsigned cost = 1;                // of the dearest run
  std::size_t runs = 0;             // with repetitions
  std::size_t controls = 0;         // of those
  Duration longest{};               // the longest that any run's steps and windows can take
};

[[nodiscard]] PlanSummary summary_of(const Plan& plan);

// The steps' own times, every wait to its limit, and the last window; without what starting and
// ending processes takes.
[[nodiscard]] Duration longest_steps(const Scenario& scenario);

}  // namespace halfopen

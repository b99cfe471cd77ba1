// Scenario files, read, planned and checked before anything starts.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/model/plan.hpp"

namespace halfopen {

struct LoadedPlan {
  Plan plan;
  std::string text;  // what the plan was made from: the workers read this, not the file again
};

struct LoadedPlans {
  std::vector<LoadedPlan> plans;
  std::vector<Problem> problems;  // one for each file that is not good
};

// A folder stands for the .yaml files directly in it, in name order.
[[nodiscard]] Result<std::vector<std::string>> scenario_files_of(const std::string& path);
[[nodiscard]] std::size_t count_scenario_files(const std::vector<std::string>& paths);
[[nodiscard]] LoadedPlans load_plans(const std::vector<std::string>& files,
                                     const std::map<std::string, std::string>& variables);

}  // namespace halfopen

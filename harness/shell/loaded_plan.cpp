#include "harness/shell/loaded_plan.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "harness/shell/configuration_check.hpp"
#include "harness/shell/metric_names.hpp"
#include "harness/shell/process.hpp"
#include "harness/shell/run_directory.hpp"

namespace halfopen {
namespace {

namespace fs = std::filesystem;

Result<bool> check_programs(const Plan& plan) {
  for (const PlannedRun& run : plan.runs) {
    for (const NodeSpec& node : run.scenario.nodes) {
      const std::string program = node.argv.empty() ? "vote-node" : node.argv.front();
      const auto found = find_executable(program);
      if (found.has_error()) return problem_at(node.mark, found.error().text);
    }
  }
  return true;
}

Result<LoadedPlan> load(const std::string& file,
                        const std::map<std::string, std::string>& variables,
                        std::set<std::string>& good) {
  HALFOPEN_TRY(text, read_text_file(file));
  HALFOPEN_TRY(document, parse_yaml(text, file));
  HALFOPEN_TRY(plan, plan_scenario(document, variables));
  if (plan.report && !plan.report->log_path.empty()) {
    auto log_text = read_text_file(plan.report->log_path);
    if (log_text.has_error()) {
      return problem_at(plan.report->log_mark, "the log cannot be read: " + log_text.error().text);
    }
    plan.report->log_text = std::move(*log_text);
  }
  HALFOPEN_CHECK(check_metric_names(plan));
  HALFOPEN_TRY(programs_found, check_programs(plan));
  HALFOPEN_TRY(configurations_good, check_configurations(plan, good));
  if (!programs_found || !configurations_good) return Problem{file, ": could not be checked"};
  return LoadedPlan{std::move(plan), std::move(text)};
}

// The plan of `file`, whose name no other plan may have.
Result<LoadedPlan> load_named(const std::string& file,
                              const std::map<std::string, std::string>& variables,
                              const std::vector<LoadedPlan>& others, std::set<std::string>& good) {
  HALFOPEN_TRY(plan, load(file, variables, good));
  for (const LoadedPlan& other : others) {
    if (other.plan.name != plan.plan.name) continue;
    return Problem{file,
                   ": the name \"",
                   plan.plan.name,
                   "\" is also the name of ",
                   other.plan.file,
                   "; every scenario of a run needs a name of its own"};
  }
  return plan;
}

}  // namespace

Result<std::vector<std::string>> scenario_files_of(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (entry.path().extension() == ".yaml") found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  if (found.empty()) return Problem{path, ": there is no .yaml file in this folder"};
  return found;
}

LoadedPlans load_plans(const std::vector<std::string>& files,
                       const std::map<std::string, std::string>& variables) {
  LoadedPlans all;
  std::set<std::string> good_configurations;
  for (const std::string& argument : files) {
    const auto expanded = scenario_files_of(argument);
    if (expanded.has_error()) {
      all.problems.push_back(expanded.error());
      continue;
    }
    for (const std::string& file : *expanded) {
      auto plan = load_named(file, variables, all.plans, good_configurations);
      if (plan.has_error()) {
        all.problems.push_back(plan.error());
      } else {
        all.plans.push_back(std::move(*plan));
      }
    }
  }
  return all;
}

}  // namespace halfopen

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

// What was found out about one file for all of them.
struct Known {
  std::set<std::string> programs;
  std::set<std::string> configurations;
};

Result<void> check_programs(const Plan& plan, std::set<std::string>& there) {
  for (const PlannedRun& run : plan.runs) {
    for (const NodeSpec& node : run.scenario.nodes) {
      const std::string program = node.argv.empty() ? "vote-node" : node.argv.front();
      if (there.contains(program)) continue;
      const auto found = find_executable(program);
      if (found.has_error()) return problem_at(node.mark, found.error().text);
      there.insert(program);
    }
  }
  return {};
}

Result<LoadedPlan> load(const std::string& file,
                        const std::map<std::string, std::string>& variables, Known& known) {
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
  HALFOPEN_CHECK(check_programs(plan, known.programs));
  return LoadedPlan{std::move(plan), std::move(text)};
}

Result<void> check_name_is_new(const Plan& plan, const std::vector<LoadedPlan>& others) {
  for (const LoadedPlan& other : others) {
    if (other.plan.name != plan.name) continue;
    return Problem{plan.file,       ": the name \"",
                   plan.name,       "\" is also the name of ",
                   other.plan.file, "; every scenario of a run needs a name of its own"};
  }
  return {};
}

// What the programs take is asked for all files at once, and only then for each.
LoadedPlans check_together(std::vector<Result<LoadedPlan>> read, Known& known) {
  std::vector<const Plan*> plans;
  for (const Result<LoadedPlan>& one : read) {
    if (one.has_value()) plans.push_back(&one->plan);
  }
  ask_ahead(plans, known.configurations);
  LoadedPlans all;
  for (Result<LoadedPlan>& one : read) {
    Result<void> good;
    if (one.has_error()) good = one.error();
    if (good.has_value()) good = check_configurations(one->plan, known.configurations);
    if (good.has_value()) good = check_name_is_new(one->plan, all.plans);
    if (good.has_error()) {
      all.problems.push_back(good.error());
    } else {
      all.plans.push_back(std::move(*one));
    }
  }
  return all;
}

}  // namespace

Result<std::vector<std::string>> scenario_files_of(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    const auto extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".yml") found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  if (found.empty()) return Problem{path, ": there is no .yaml or .yml file in this folder"};
  return found;
}

std::size_t count_scenario_files(const std::vector<std::string>& paths) {
  std::size_t count = 0;
  for (const std::string& path : paths) {
    const auto files = scenario_files_of(path);
    count += files.has_value() ? files->size() : 0;
  }
  return count;
}

LoadedPlans load_plans(const std::vector<std::string>& files,
                       const std::map<std::string, std::string>& variables) {
  Known known;
  std::vector<Result<LoadedPlan>> read;
  for (const std::string& argument : files) {
    const auto expanded = scenario_files_of(argument);
    if (expanded.has_error()) {
      read.emplace_back(expanded.error());
      continue;
    }
    for (const std::string& file : *expanded)
      read.push_back(load(file, variables, known));
  }
  return check_together(std::move(read), known);
}

}  // namespace halfopen

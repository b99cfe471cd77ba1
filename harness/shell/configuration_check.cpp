#include "harness/shell/configuration_check.hpp"

#include <cctype>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/shell/process.hpp"
#include "harness/shell/run_directory.hpp"
#include "harness/worlds/proxy_world.hpp"

namespace halfopen {
namespace {

// Where the mistake is for a person: the node, or the link whose faults the proxy refused.
Mark mark_of(const Scenario& scenario, const std::string& process) {
  for (const NodeSpec& node : scenario.nodes) {
    if (node.name == process) return node.mark;
  }
  for (const LinkSpec& link : scenario.links) {
    if (!link.faults.empty()) return link.faults.front().mark;
  }
  return scenario.links.empty() ? Mark{} : scenario.links.front().mark;
}

// The program's sentence without the name and positions of a generated file that nobody wrote.
std::string sentence_of(std::string said, const std::string& path) {
  while (!said.empty() && said.back() == '\n')
    said.pop_back();
  const auto at = said.find(path);
  if (at == std::string::npos) return said;
  std::size_t rest = at + path.size();
  while (rest < said.size() && (said[rest] == ':' || said[rest] == ' ' ||
                                std::isdigit(static_cast<unsigned char>(said[rest])) != 0)) {
    ++rest;
  }
  return said.substr(rest);
}

class Checker {
 public:
  Checker(std::string directory, std::set<std::string>& good)
      : directory_(std::move(directory)), good_(good) {}

  Result<bool> check(const Scenario& scenario) {
    for (const ProcessSpec& process : ProxyWorld(scenario).processes()) {
      const std::string key = process.argv.front() + '\n' + process.config_text;
      if (process.config_text.empty() || good_.contains(key)) continue;
      HALFOPEN_TRY(good, ask(scenario, process));
      if (!good) return false;
      good_.insert(key);
    }
    return true;
  }

 private:
  Result<bool> ask(const Scenario& scenario, const ProcessSpec& process) const {
    const std::string path = directory_ + "/" + process.config_path;
    HALFOPEN_TRY(written, write_text_file(path, process.config_text));
    HALFOPEN_TRY(executable, find_executable(process.argv.front()));
    LaunchSettings settings;
    settings.executable = executable;
    settings.arguments = {"--check-config", "--config", path};
    settings.directory = directory_;
    settings.log_path = path + ".log";
    const auto taken = run_to_end(settings);
    if (written && taken.has_value()) return true;
    HALFOPEN_TRY(said, read_text_file(settings.log_path));
    return problem_at(mark_of(scenario, process.name),
                      process.name + ": " + sentence_of(said, path));
  }

  std::string directory_;
  std::set<std::string>& good_;
};

Result<bool> check_all(const Plan& plan, const std::string& directory,
                       std::set<std::string>& good_before) {
  Checker checker(directory, good_before);
  for (const PlannedRun& run : plan.runs) {
    HALFOPEN_TRY(good, checker.check(run.scenario));
    if (!good) return false;
    for (const Step& step : run.scenario.steps) {
      const auto* set = std::get_if<SetFault>(&step.action);
      if (set == nullptr) continue;
      // A fault that is set later is checked as if it had been there from the start.
      Scenario with_fault = run.scenario;
      for (LinkSpec& link : with_fault.links) {
        link.faults.clear();
        if (link.id == set->link) link.faults.push_back(set->fault);
      }
      HALFOPEN_TRY(fault_good, checker.check(with_fault));
      if (!fault_good) return false;
    }
  }
  return true;
}

}  // namespace

Result<bool> check_configurations(const Plan& plan, std::set<std::string>& good) {
  HALFOPEN_TRY(directory, make_temporary_directory());
  const auto outcome = check_all(plan, directory, good);
  remove_directory(directory);
  return outcome;
}

}  // namespace halfopen

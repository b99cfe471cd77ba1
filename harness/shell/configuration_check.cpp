#include "harness/shell/configuration_check.hpp"

#include <cctype>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/shell/process.hpp"
#include "harness/shell/run_directory.hpp"
#include "harness/worlds/proxy_world.hpp"

namespace halfopen {
namespace {

// A program's complaint, with its place in the scenario.
struct Complaint {
  Mark mark;
  std::string text;
};

// vote-node quotes the path of the setting that it means: "keepalive.idle" must be ...
Complaint complaint_of(const NodeSpec& node, const std::string& sentence) {
  for (const auto& [path, mark] : node.marks) {
    if (sentence.starts_with("\"" + path + "\"")) return {mark, node.name + ": " + sentence};
  }
  return {node.mark, node.name + ": " + sentence};
}

// fault-proxy counts: proxy 1: faults[0]: attributes.inside: expected ...
Complaint complaint_of(const Scenario& scenario, const std::string& sentence) {
  static const std::regex pattern(
      R"(proxy ([0-9]{1,4}): faults\[([0-9]{1,4})\]: (attributes\.)?(.*))");
  std::smatch found;
  if (std::regex_match(sentence, found, pattern)) {
    const std::size_t proxy = std::stoul(found[1]);
    const std::size_t index = std::stoul(found[2]);
    if (proxy >= 1 && proxy <= scenario.links.size() &&
        index < scenario.links[proxy - 1].faults.size()) {
      const FaultSpec& fault = scenario.links[proxy - 1].faults[index];
      const std::string rest = found[4];
      const auto mark = fault.marks.find(rest.substr(0, rest.find(':')));
      return {mark == fault.marks.end() ? fault.mark : mark->second, fault.type + ": " + rest};
    }
  }
  for (const LinkSpec& link : scenario.links) {
    if (!link.faults.empty()) return {link.faults.front().mark, "fault-proxy: " + sentence};
  }
  return {scenario.links.empty() ? Mark{} : scenario.links.front().mark,
          "fault-proxy: " + sentence};
}

Complaint complaint_of(const Scenario& scenario, const std::string& process,
                       const std::string& sentence) {
  for (const NodeSpec& node : scenario.nodes) {
    if (node.name == process) return complaint_of(node, sentence);
  }
  return complaint_of(scenario, sentence);
}

// The program's sentence without the name and positions of a generated file that nobody wrote.
std::string sentence_of(std::string said, const std::string& path) {
  while (!said.empty() && said.back() == '\n')
    said.pop_back();
  // The last one: the file may hold what was said of an earlier configuration, too.
  const auto at = said.rfind(path);
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
    const Complaint complaint = complaint_of(scenario, process.name, sentence_of(said, path));
    return problem_at(complaint.mark, complaint.text);
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

#include "harness/shell/configuration_check.hpp"

#include <boost/json/serialize.hpp>
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

// Links with their faults, each asked about once, whichever scenario has it.
class LinkQuestions {
 public:
  explicit LinkQuestions(const std::set<std::string>& good) : good_(good) {}

  void add(const Plan& plan) {
    for (const PlannedRun& run : plan.runs) {
      for (const LinkSpec& link : run.scenario.links)
        add(link, link.faults);
      // A fault that is set later is asked about as if it had been there alone from the start.
      for (const Step& step : run.scenario.steps) {
        const auto* set = std::get_if<SetFault>(&step.action);
        if (set == nullptr) continue;
        for (const LinkSpec& link : run.scenario.links) {
          if (link.id == set->link) add(link, {set->fault});
        }
      }
    }
  }

  // Questions of one process each, as scenarios that consist of nothing but the links.
  [[nodiscard]] std::vector<Scenario> take() {
    std::vector<Scenario> all;
    for (LinkSpec& link : links_) {
      if (all.empty() || all.back().links.size() == kLinksMax) all.push_back(scenario_of({}));
      all.back().links.push_back(std::move(link));
      all.back().links.back().id = "link-" + std::to_string(all.back().links.size());
    }
    return all;
  }

  [[nodiscard]] const std::set<std::string>& keys() const { return keys_; }

  [[nodiscard]] static ProcessSpec proxy_of(const Scenario& links) {
    return ProxyWorld(links).processes().front();
  }

 private:
  // Each has an address of its own in 127.0.2.0/24.
  static constexpr std::size_t kLinksMax = 200;

  static Scenario scenario_of(std::vector<LinkSpec> links) {
    Scenario scenario;
    for (const char* name : {"dialer", "listener"}) {
      NodeSpec& node = scenario.nodes.emplace_back();
      node.name = name;
      node.is_endpoint = true;
    }
    scenario.links = std::move(links);
    return scenario;
  }

  void add(const LinkSpec& link, const std::vector<FaultSpec>& faults) {
    if (faults.empty()) return;
    LinkSpec alone{"link", "dialer", "listener", "dialer", faults, link.mark};
    if (link.inside == link.listener) alone.inside = alone.listener;
    const std::string key = "link\n" + proxy_of(scenario_of({alone})).config_text;
    if (good_.contains(key) || !keys_.insert(key).second) return;
    links_.push_back(std::move(alone));
  }

  const std::set<std::string>& good_;
  std::set<std::string> keys_;
  std::vector<LinkSpec> links_;
};

// A vote-node takes or refuses its settings whatever its name, addresses and peers, which the
// harness chooses.
std::string key_of(const NodeSpec& node) {
  return "node\n" + boost::json::serialize(node.config);
}

bool is_vote_node(const NodeSpec& node) {
  return node.argv.empty() && !node.is_endpoint;
}

class Checker {
 public:
  Checker(std::string directory, std::set<std::string>& good)
      : directory_(std::move(directory)), good_(good) {}

  Result<void> check_links(LinkQuestions& questions) {
    for (const Scenario& links : questions.take()) {
      HALFOPEN_CHECK(ask(links, LinkQuestions::proxy_of(links)));
    }
    good_.insert(questions.keys().begin(), questions.keys().end());
    return {};
  }

  // The nodes of all plans side by side. One that is refused is asked again, with its place.
  void ask_ahead(const std::vector<const Plan*>& plans) {
    std::set<std::string> asked;
    std::vector<std::string> keys;
    std::vector<LaunchSettings> questions;
    for (const Plan* plan : plans) {
      for (const PlannedRun& run : plan->runs) {
        for (const NodeSpec& node : run.scenario.nodes) {
          const std::string key = key_of(node);
          if (!is_vote_node(node) || good_.contains(key) || !asked.insert(key).second) continue;
          auto question = question_of(process_of(run.scenario, node.name), keys.size());
          if (question.has_error()) continue;
          keys.push_back(key);
          questions.push_back(std::move(*question));
        }
      }
    }
    const std::vector<bool> taken = run_side_by_side(questions);
    for (std::size_t i = 0; i < taken.size(); ++i) {
      if (taken[i]) good_.insert(keys[i]);
    }
  }

  Result<void> check_nodes(const Scenario& scenario) {
    for (const NodeSpec& node : scenario.nodes) {
      const std::string key = key_of(node);
      if (!is_vote_node(node) || good_.contains(key)) continue;
      HALFOPEN_CHECK(ask(scenario, process_of(scenario, node.name)));
      good_.insert(key);
    }
    return {};
  }

 private:
  static ProcessSpec process_of(const Scenario& scenario, const std::string& node) {
    ProcessSpec found;
    for (ProcessSpec& process : ProxyWorld(scenario).processes()) {
      if (process.name == node) found = std::move(process);
    }
    return found;
  }

  // `number` keeps the files of questions apart that are asked side by side.
  [[nodiscard]] Result<LaunchSettings> question_of(const ProcessSpec& process,
                                                   std::size_t number) const {
    const std::string path = directory_ + "/" + std::to_string(number) + "-" + process.config_path;
    HALFOPEN_CHECK(write_text_file(path, process.config_text));
    HALFOPEN_TRY(executable, find_executable(process.argv.front()));
    LaunchSettings settings;
    settings.executable = executable;
    settings.arguments = {"--check-config", "--config", path};
    settings.directory = directory_;
    settings.log_path = path + ".log";
    return settings;
  }

  [[nodiscard]] Result<void> ask(const Scenario& scenario, const ProcessSpec& process) const {
    HALFOPEN_TRY(settings, question_of(process, 0));
    if (run_to_end(settings).has_value()) return {};
    HALFOPEN_TRY(said, read_text_file(settings.log_path));
    const Complaint complaint =
        complaint_of(scenario, process.name, sentence_of(said, settings.arguments.back()));
    return problem_at(complaint.mark, complaint.text);
  }

  std::string directory_;
  std::set<std::string>& good_;
};

Result<void> check_plan(Checker checker, const Plan& plan, const std::set<std::string>& good) {
  LinkQuestions questions(good);
  questions.add(plan);
  HALFOPEN_CHECK(checker.check_links(questions));
  for (const PlannedRun& run : plan.runs)
    HALFOPEN_CHECK(checker.check_nodes(run.scenario));
  return {};
}

}  // namespace

void ask_ahead(const std::vector<const Plan*>& plans, std::set<std::string>& good) {
  const auto directory = make_temporary_directory();
  if (directory.has_error()) return;
  LinkQuestions links(good);
  for (const Plan* plan : plans)
    links.add(*plan);
  Checker checker(*directory, good);
  (void)checker.check_links(links);
  checker.ask_ahead(plans);
  remove_directory(*directory);
}

Result<void> check_configurations(const Plan& plan, std::set<std::string>& good) {
  HALFOPEN_TRY(directory, make_temporary_directory());
  const auto outcome = check_plan(Checker(directory, good), plan, good);
  remove_directory(directory);
  return outcome;
}

}  // namespace halfopen

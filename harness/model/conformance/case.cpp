#include "harness/model/conformance/case.hpp"

namespace halfopen::conformance {
namespace {

constexpr Duration kStepMax = std::chrono::seconds(2);  // of one that waits for nothing

struct LongestStep {
  Duration operator()(const Idle& idle) const { return idle.duration; }
  Duration operator()(const AwaitDial& await) const { return await.within; }
  Duration operator()(const AwaitMessage& await) const { return await.within; }
  Duration operator()(const AwaitEnd& await) const { return await.within; }
  Duration operator()(const Exchange& exchange) const { return 2 * exchange.within + kStepMax; }
  Duration operator()(const LosePower& power) const { return power.down + kStepMax; }
  template <class Other>
  Duration operator()(const Other&) const {
    return kStepMax;
  }
};

}  // namespace

std::string name_of(End end) {
  const std::string side = end.side == Side::kClient ? kClientName : kServerName;
  return end.connection == 1 ? side : side + " " + std::to_string(end.connection);
}

Scenario scenario_of(const Case& test) {
  Scenario scenario;
  scenario.name = test.id;
  scenario.claim = test.claim;
  scenario.sysctls = test.sysctls;
  for (const char* name : {kClientName, kServerName}) {
    NodeSpec node;
    node.name = name;
    node.is_endpoint = true;
    scenario.nodes.push_back(node);
  }
  LinkSpec link;
  link.id = kLinkName;
  link.dialer = kClientName;
  link.listener = kServerName;
  link.inside = kClientName;
  link.faults = test.faults;
  scenario.links.push_back(link);
  // A world wants to know beforehand what will be done to its links.
  for (const Step& step : test.script) {
    const std::string id = "step-" + std::to_string(scenario.steps.size() + 1);
    if (const auto* change = std::get_if<Change>(&step)) {
      scenario.steps.push_back({id, {}, change->action});
    } else if (const auto* power = std::get_if<LosePower>(&step)) {
      scenario.steps.push_back(
          {id, {}, RestartNode{kServerName, RestartKind::kPowerLoss, power->down}});
    }
  }
  return scenario;
}

Duration longest_possible(const Case& test) {
  Duration total{};
  for (const Step& step : test.script)
    total += std::visit(LongestStep{}, step);
  if (test.ladder) total += 3 * test.ladder->idle_timeout + std::chrono::seconds(10);
  return total;
}

}  // namespace halfopen::conformance

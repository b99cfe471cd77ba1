// A scenario's steps carried out on a walk of each of its links, in virtual time.
//
// How long a `wait_until` takes nobody knows beforehand: conditions are about what a run measures.
// The walk takes it to end at the next thing that happens to a link, where one happens in its time,
// and at once otherwise.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/model/prediction/link_walk.hpp"

namespace halfopen {

struct WalkedStep {
  std::string id;
  Duration begin{};
};

struct WalkedLink {
  const LinkSpec* link = nullptr;
  LinkWalk walk;
};

struct ScenarioWalk {
  std::vector<WalkedLink> links;
  std::vector<WalkedStep> steps;
  Duration end{};
};

// The scenario must outlive the answer. Once the budget is spent the answer means nothing.
[[nodiscard]] ScenarioWalk walk_scenario(const Scenario& scenario, const WalkShift& shift,
                                         const std::shared_ptr<WalkBudget>& budget);

// The retransmission limit of a node's machine, by its own sysctls, the run's or the default.
[[nodiscard]] unsigned retries2_of(const Scenario& scenario, const std::string& node);

[[nodiscard]] const NodeSpec* node_of(const Scenario& scenario, const std::string& name);
// A vote-node: what its defences are is known.
[[nodiscard]] bool is_vote_node(const Scenario& scenario, const std::string& name);

}  // namespace halfopen
